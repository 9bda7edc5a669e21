package index

import (
	"strings"
	"sync"
)

// People ask in other words than a handbook is written in: "vacation" is its
// "annual leave", "Chef" its "Führungskraft". The glossary has such words of
// work life, a concept a line: English | German. It also leads from one language
// to the other, which an English embedder does not.

// asAlike is what a word of the same concept is worth beside the word itself.
const asAlike = 0.6

// concepts are single words; each is stemmed in its language. A word may be in
// several lines.
const concepts = `
vacation holiday holidays leave | urlaub ferien
sick ill illness sickness unwell flu fever | krank krankheit erkrankung grippe fieber arbeitsunfähig
doctor physician medical | arzt ärztin ärztlich
certificate note | attest bescheinigung krankschreibung krankmeldung
boss manager supervisor superior lead | chef chefin vorgesetzte vorgesetzter führungskraft leitung
colleague coworker teammate | kollege kollegen kollegin
employee employees staff worker personnel | mitarbeiter mitarbeitende beschäftigte arbeitnehmer belegschaft personal
company employer firm business | firma unternehmen betrieb arbeitgeber
salary pay wage wages earn earnings income remuneration | gehalt lohn entgelt verdienen verdienst vergütung bezahlung
raise increase | erhöhung gehaltserhöhung
bonus premium allowance supplement extra grant | zulage zuschlag prämie bonus zuschuss extra
money amount cash | geld betrag
payout paid payment | auszahlung zahlung
reimburse reimbursed refund refunded repaid | erstatten erstattung erstattet rückerstattung
expense expenses cost costs claim claims | spesen auslagen kosten reisekosten abrechnen abrechnung
receipt bill invoice voucher | beleg quittung rechnung kassenbon
trip travel journey travelling | reise dienstreise reisen fahrt
abroad foreign country countries | ausland auslands land länder
flight fly plane airline | flug fliegen flugzeug
train rail railway | bahn zug
car vehicle | auto wagen fahrzeug pkw dienstwagen firmenwagen
mileage kilometre kilometer mile | kilometer kilometergeld
drive driver driving | fahren fahrer
taxi cab | taxi
hotel accommodation overnight lodging | hotel übernachtung unterkunft
diem daily allowance | tagegeld verpflegung verpflegungspauschale
meal meals lunch dinner breakfast food eat | essen mahlzeit mittagessen frühstück abendessen speise
canteen cafeteria | kantine speisesaal
fine penalty ticket | bußgeld strafzettel verwarnung geblitzt
accident crash injury injured hurt | unfall verletzung verletzt
insurance insured covered cover | versicherung versichert
home remote telework | homeoffice telearbeit zuhause
office site workplace | büro standort arbeitsplatz
desk chair furniture | schreibtisch stuhl möbel
equipment tool tools device | ausrüstung werkzeug gerät geräte
electricity power energy | strom energie
internet wifi network | internet wlan netz netzwerk
charge charging | laden aufladen ladestation wallbox
laptop computer notebook pc | laptop rechner computer notebook
phone mobile smartphone telephone cell | handy telefon smartphone diensthandy
password passcode login | passwort kennwort anmeldung
usb stick drive | usb stick
mail email e-mail message messages | mail email nachricht
lost lose loss stolen theft | verlust verloren verlieren diebstahl gestohlen
backup restore recover recovered | sicherung wiederherstellen
incident breach leak | panne datenpanne vorfall
report reporting notify inform | melden meldung mitteilen informieren
privacy data | datenschutz daten
delete deleted erase | löschen gelöscht
keep store retain retention stored | aufbewahren aufbewahrung aufheben speichern gespeichert
file record records document | akte personalakte unterlage unterlagen dokument
camera surveillance tracking location | kamera überwachung ortung standort
candidate applicant application | bewerber bewerbung kandidat kandidaten
apply request application requested | antrag beantragen anfrage
approve approval approved permission consent allowed | genehmigung genehmigen zustimmung erlaubnis erlaubt
forbidden prohibited banned | verboten untersagt unzulässig
deadline period within | frist
notice resign resignation quit terminate termination leave | kündigung kündigen kündigungsfrist ausscheiden
dismissal dismissed fired | entlassung entlassen
probation trial | probezeit
permanent unlimited | unbefristet
contract agreement | vertrag arbeitsvertrag vereinbarung
newcomer joiner joined started beginner onboarding | einstieg einarbeitung neuling
apprentice trainee | azubi auszubildende auszubildender lehrling
intern internship student | praktikant praktikum student
child children kid kids daughter son baby | kind kinder tochter sohn baby
parent parents parental mother father | eltern elternteil mutter vater elternzeit
birth born newborn | geburt
pregnant pregnancy maternity | schwanger schwangerschaft mutterschutz
nursery daycare kindergarten childcare | kita kindergarten krippe
spouse husband wife partner | ehepartner ehemann ehefrau mann frau lebenspartner
wedding marriage marry | hochzeit heirat heiraten
death died dies funeral bereavement | tod todesfall gestorben beerdigung
grandparent grandmother grandfather grandma grandpa | großeltern oma opa
relative relatives family | angehörige familie verwandte
care nursing | pflege
moving move relocation | umzug umziehen
sabbatical | sabbatical auszeit
pension retirement | rente altersvorsorge pension ruhestand
contribution contributions contribute matching | beitrag beiträge
course training seminar learning education conference | weiterbildung fortbildung schulung kurs seminar unterweisung
degree master bachelor studies | studium abschluss
budget | budget etat
overtime | überstunden mehrarbeit
standby call on-call | rufbereitschaft bereitschaft
shift shifts | schicht schichten
night nights | nacht nachts nachtschicht
weekend saturday sunday | wochenende samstag sonntag
break rest pause | pause ruhezeit
hours time flexitime | stunden zeit zeitkonto gleitzeit
clock stamp punch | stempeln einstempeln ausstempeln zeiterfassung
part-time parttime | teilzeit
full-time fulltime | vollzeit
rota schedule plan roster | plan schichtplan dienstplan
works council | betriebsrat
gift present | geschenk
supplier vendor partner | lieferant geschäftspartner
harassment bullying discrimination | mobbing belästigung diskriminierung
whistleblower whistleblowing ombudsperson whistle | hinweisgeber ombudsperson
complaint complain | beschwerde
sideline moonlight moonlighting second | nebentätigkeit nebenjob nebenbeschäftigung
competitor competition | wettbewerber konkurrenz wettbewerb
alcohol drugs drunk | alkohol drogen
smoking smoke cigarette | rauchen zigarette
dog dogs pet animal animals | hund hunde haustier tier tiere
parcel package delivery | paket päckchen lieferung
parking garage park | parkplatz tiefgarage parken
bicycle bike cycle | fahrrad rad
commute commuting transport | arbeitsweg pendeln jobticket
badge card | ausweis werksausweis karte
visitor visitors guest guests | besucher gast gäste
fire alarm evacuation | feuer brand alarm feueralarm räumung
safety protective | sicherheit arbeitssicherheit schutz
shoes glasses gloves | schuhe brille handschuhe
plant factory works | werk fabrik
closure closed shutdown | betriebsruhe betriebsferien werksferien schließung
promotion promoted | beförderung befördert
bonus thirteenth | weihnachtsgeld
price cost costs | preis kosten kostet
lend borrow loan | leihen ausleihen mitnehmen
doctor vaccination health | gesundheit impfung
old former unused remaining | rest resturlaub
lapse expire expires forfeited gone | verfall verfallen verfällt
`

// alikeWords are the stems of the glossary by stem of one language.
type alikeWords map[string]map[string]map[string][]string // language asked, stem, language of the document

var glossary = sync.OnceValue(func() alikeWords {
	out := alikeWords{"en": {}, "de": {}}
	for line := range strings.Lines(concepts) {
		english, german, ok := strings.Cut(strings.TrimSpace(line), "|")
		if !ok {
			continue
		}
		stems := map[string][]string{}
		for language, words := range map[string]string{"en": english, "de": german} {
			for w := range strings.FieldsSeq(words) {
				stems[language] = append(stems[language], stemOf(w, language))
			}
		}
		for language := range stems {
			for _, s := range stems[language] {
				if out[language][s] == nil {
					out[language][s] = map[string][]string{}
				}
				for other, all := range stems {
					out[language][s][other] = append(out[language][s][other], all...)
				}
			}
		}
	}
	return out
})

// alike are the stems of a word's concepts in the languages of the documents.
func alike(word, language string, documents []string) map[string]bool {
	out := map[string]bool{}
	by := glossary()[language][stemOf(word, language)]
	for _, d := range documents {
		for _, s := range by[d] {
			out[s] = true
		}
	}
	return out
}
