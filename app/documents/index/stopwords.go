package index

import "strings"

// stopWords carry grammar, not meaning: function words, the words that ask, and
// what people write around a question. Folded, by language.
var stopWords = map[string]map[string]bool{
	"en": set(`a about above after again all also am an and any anybody anyone anything are as at be because been before being between both but by can cannot could
did do does doing don done down during each either else ever every for from further get gets getting give given go goes going got had has have having he hello her here hers him his how
i if in into is it its itself just know let like ll many may me might mine more most much must my need needs no nor not now of off on once one only or other our ours out over own please
s same say says shall she should so some something such t take tell than thank thanks that the their theirs them then there these they this those through to too under until up us ve very
want was we were what when where whether which while who whom whose why will with within without would yes you your yours d m re`),
	"de": set(`aber alle allem allen aller alles als also am an ander andere anderen anderer anderes auch auf aus bei beim bekomme bekommen bekommt bin bis bist bitte brauche braucht da dabei dafur dagegen daher damit dann daran darauf
darf darfst durfen daruber darum das dass dein deine deinem deinen deiner dem den denn der deren des dessen dich die dies diese diesem diesen dieser dieses dir doch dort du durch eigentlich ein eine einem einen einer eines er erst
es etwas euch euer eure fur gab ganz geben gegen gehort gelten gerne gibt gilt habe haben hallo hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in indem ins ist ja je jede jedem jeden jeder jedes
jemand jetzt kann kannst kein keine keinem keinen keiner konnen konnte konnten lange lassen machen mal man manche mehr mein meine meinem meinen meiner mich mir mit mochte muss mussen musste nach nicht nichts noch nun nur ob oder ohne
schon sehr seid sein seine seinem seinen seiner seit sich sie sind so sollen soll sollte solche sondern sonst steht uber um und uns unser unsere unter viel viele vielen vom von vor wahrend wann war waren warum was weil welche welchem welchen welcher welches
hab hatte irgend irgendwann irgendwas irgendwie irgendwo kriege kriegen kriegst kriegt mache machen machst macht bringe bringen bringt gehe gehen geht stehe stehen notig sag sagen sagt
wem wen wenn wer werde werden weshalb wessen wie wieder wieso wieviel wieviele will wir wird wirst wo wofur woher wohin womit worauf wurde wurden zu zum zur zwar zwischen`),
	"fr": set(`a ai ainsi alors apres as au aucun aucune aussi autre aux avant avec avez avoir avons beaucoup bonjour c ca car ce cela celle celui ces cet cette ceux chaque chez ci combien comme comment d dans de des doit dois doivent donc dont du
elle elles en encore entre est et etaient etait etes etre eu eux faire fait faut il ils j je jusque l la laquelle le lequel les lesquels leur leurs lors lui m ma mais me meme mes moi mon n ne ni nos notre nous on ont ou oui par parce pas pendant
peut peuvent peux plus pour pourquoi puis puisque qu quand que quel quelle quelles quels qui quoi s sa sans se sera ses si son sont sous sur t ta te tes toi ton tous tout toute toutes tres tu un une va vers veut vos votre vous y`),
	"es": set(`a al algo algun alguna algunos ante antes asi aun aunque cada como con contra cual cuales cualquier cuando cuanta cuantas cuanto cuantos cuyo de debe deben debo del desde donde dos durante e el ella ellas ellos en entre era eran es esa esas ese
eso esos esta estaba estan estar estas este esto estos estoy fue fueron ha habia han has hasta hay he hola la las le les lo los mas me mi mis mucho muchos muy nada ni no nos nosotros nuestra nuestro o os otra otras otro otros para pero poco por porque
pueda puede pueden puedo pues que quien quienes quiero se sea segun ser si sido sin sobre son soy su sus tal tambien tan tanto te tener tengo tiene tienen toda todas todo todos tu tus un una unas uno unos usted ustedes y ya yo`),
	"it": set(`a abbiamo ad agli ai al alla alle allo altra altre altri altro anche ancora avere avete aveva c che chi ci ciao ciascuno cio cioe come con contro cosa cui d da dagli dai dal dalla dalle dallo degli dei del della delle dello deve devo devono di dopo dove
dovere e ed era erano essere fa fare fino fra gia gli ha hai hanno ho i il in io l la le lei li lo loro lui ma me mentre mi mia mie miei mio molti molto ne negli nei nel nella nelle nello noi non nostra nostro o od ogni oppure per perche pero piu poi possiamo posso
possono puo qual quale quali quando quanta quante quanti quanto quella quelle quelli quello questa queste questi questo qui s sara se sei senza si sia siamo siete solo sono sopra sotto sta stato su sua sue sugli sui sul sulla sulle suo suoi tra tu tua tuo tutta tutte tutti tutto un
una uno v vi voi vostra vostro`),
}

func set(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// isStop reports whether a folded word carries no meaning in a language; in an
// unknown one, whether it carries none in any.
func isStop(language, folded string) bool {
	if words, known := stopWords[language]; known {
		return words[folded]
	}
	for _, words := range stopWords {
		if words[folded] {
			return true
		}
	}
	return false
}
