package index

// known are questions and what answers them, ten a language, on matters that
// have nothing to do with each other. An embedder's cosines of these say what
// its numbers mean, and how well it knows a language (measure.go). They are
// about life in a town, so that no handbook looks like them.
var known = map[string][]pair{
	"en": {
		{"When can I visit the museum?", "The exhibition is open from Tuesday to Sunday between ten and six; on Mondays it stays closed."},
		{"My bike has a flat tyre, who mends it?", "The workshop behind the station repairs punctures and brakes while you wait."},
		{"How many books may I take home?", "Readers borrow up to twelve volumes from the library at a time."},
		{"What does it cost to go swimming?", "Entry to the pool is four euros for adults and two for children."},
		{"How often do roses need water?", "Shrubs in flower are watered twice a week, early in the morning."},
		{"Can I return the phone if the screen is broken?", "Handsets with a damaged display are taken back under the guarantee within two years."},
		{"Where do I take an injured cat?", "The animal hospital on the ring road receives emergencies day and night."},
		{"How long must the dough rest?", "Let the mixture of flour and yeast rise for ninety minutes under a cloth."},
		{"Which bin is for glass bottles?", "Empty jars go into the green container at the corner, sorted by colour."},
		{"Is there a night train to Vienna?", "A sleeping car leaves for Austria at ten in the evening from platform four."},
	},
	"de": {
		{"Wann kann ich das Museum besuchen?", "Die Ausstellung ist von Dienstag bis Sonntag zwischen zehn und achtzehn Uhr geöffnet; montags bleibt sie geschlossen."},
		{"Mein Rad hat einen Platten, wer repariert das?", "Die Werkstatt hinter dem Bahnhof flickt Schläuche und stellt Bremsen ein, während man wartet."},
		{"Wie viele Bücher darf ich mitnehmen?", "Leserinnen und Leser entleihen in der Bibliothek bis zu zwölf Bände auf einmal."},
		{"Was kostet das Schwimmen?", "Der Eintritt ins Hallenbad beträgt vier Euro für Erwachsene und zwei für Kinder."},
		{"Wie oft brauchen Rosen Wasser?", "Blühende Sträucher werden zweimal in der Woche am frühen Morgen gegossen."},
		{"Kann ich das Handy mit kaputtem Bildschirm zurückgeben?", "Geräte mit beschädigter Anzeige werden innerhalb von zwei Jahren auf Garantie zurückgenommen."},
		{"Wohin bringe ich eine verletzte Katze?", "Die Tierklinik an der Ringstraße nimmt Notfälle bei Tag und Nacht auf."},
		{"Wie lange muss der Teig ruhen?", "Die Mischung aus Mehl und Hefe geht neunzig Minuten lang unter einem Tuch auf."},
		{"In welche Tonne kommen Glasflaschen?", "Leere Gläser gehören in den grünen Behälter an der Ecke, nach Farben getrennt."},
		{"Gibt es einen Nachtzug nach Wien?", "Ein Schlafwagen fährt um zweiundzwanzig Uhr von Gleis vier nach Österreich ab."},
	},
	"fr": {
		{"Quand puis-je visiter le musée ?", "L'exposition est ouverte du mardi au dimanche entre dix et dix-huit heures ; elle reste fermée le lundi."},
		{"Mon vélo a un pneu crevé, qui le répare ?", "L'atelier derrière la gare répare les chambres à air et les freins pendant que l'on attend."},
		{"Combien de livres puis-je emporter ?", "Les lecteurs empruntent jusqu'à douze volumes à la fois à la bibliothèque."},
		{"Combien coûte la baignade ?", "L'entrée de la piscine est de quatre euros pour les adultes et de deux pour les enfants."},
		{"À quelle fréquence les rosiers ont-ils besoin d'eau ?", "Les arbustes en fleurs sont arrosés deux fois par semaine, tôt le matin."},
		{"Puis-je rendre le téléphone si l'écran est cassé ?", "Les appareils dont l'affichage est endommagé sont repris sous garantie pendant deux ans."},
		{"Où emmener un chat blessé ?", "La clinique vétérinaire du boulevard reçoit les urgences de jour et de nuit."},
		{"Combien de temps la pâte doit-elle reposer ?", "Le mélange de farine et de levure monte pendant quatre-vingt-dix minutes sous un linge."},
		{"Dans quelle poubelle vont les bouteilles en verre ?", "Les bocaux vides se déposent dans le conteneur vert du coin, triés par couleur."},
		{"Y a-t-il un train de nuit pour Vienne ?", "Une voiture-lit part pour l'Autriche à vingt-deux heures du quai quatre."},
	},
	"es": {
		{"¿Cuándo puedo visitar el museo?", "La exposición abre de martes a domingo entre las diez y las seis; los lunes permanece cerrada."},
		{"Mi bici tiene una rueda pinchada, ¿quién la arregla?", "El taller detrás de la estación repara cámaras y frenos mientras se espera."},
		{"¿Cuántos libros me puedo llevar?", "Los lectores toman prestados hasta doce volúmenes a la vez en la biblioteca."},
		{"¿Cuánto cuesta nadar?", "La entrada a la piscina es de cuatro euros para adultos y dos para niños."},
		{"¿Cada cuánto necesitan agua las rosas?", "Los arbustos en flor se riegan dos veces por semana, temprano por la mañana."},
		{"¿Puedo devolver el teléfono si la pantalla está rota?", "Los aparatos con el visor dañado se aceptan en garantía durante dos años."},
		{"¿Adónde llevo a un gato herido?", "El hospital veterinario de la ronda recibe urgencias de día y de noche."},
		{"¿Cuánto tiempo debe reposar la masa?", "La mezcla de harina y levadura sube noventa minutos bajo un paño."},
		{"¿En qué cubo van las botellas de vidrio?", "Los frascos vacíos van al contenedor verde de la esquina, separados por color."},
		{"¿Hay un tren nocturno a Viena?", "Un coche cama sale hacia Austria a las diez de la noche del andén cuatro."},
	},
	"it": {
		{"Quando posso visitare il museo?", "La mostra è aperta da martedì a domenica tra le dieci e le diciotto; il lunedì resta chiusa."},
		{"La mia bici ha una gomma a terra, chi la ripara?", "L'officina dietro la stazione aggiusta camere d'aria e freni mentre si aspetta."},
		{"Quanti libri posso portare a casa?", "I lettori prendono in prestito fino a dodici volumi per volta in biblioteca."},
		{"Quanto costa nuotare?", "L'ingresso alla piscina è di quattro euro per gli adulti e due per i bambini."},
		{"Ogni quanto hanno bisogno d'acqua le rose?", "Gli arbusti in fiore si annaffiano due volte alla settimana, al mattino presto."},
		{"Posso restituire il telefono se lo schermo è rotto?", "Gli apparecchi con il display danneggiato sono ripresi in garanzia entro due anni."},
		{"Dove porto un gatto ferito?", "La clinica veterinaria sulla circonvallazione riceve le urgenze giorno e notte."},
		{"Quanto deve riposare l'impasto?", "Il composto di farina e lievito cresce per novanta minuti sotto un panno."},
		{"In quale bidone vanno le bottiglie di vetro?", "I barattoli vuoti vanno nel contenitore verde all'angolo, divisi per colore."},
		{"C'è un treno notturno per Vienna?", "Un vagone letto parte per l'Austria alle ventidue dal binario quattro."},
	},
}

type pair struct{ question, answer string }
