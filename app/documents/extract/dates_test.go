package extract

import "testing"

func TestEffectiveDate(t *testing.T) {
	for text, want := range map[string]string{
		"Effective 1 January 2026":                               "2026-01-01",
		"Effective date: January 1, 2026":                        "2026-01-01",
		"Employee Handbook. Valid from 2026-03-01.":              "2026-03-01",
		"This policy comes into force on the 1st of April 2026.": "2026-04-01",
		"With effect from 15 Sept. 2025":                         "2025-09-15",
		"Gültig ab 01.01.2026":                                   "2026-01-01",
		"Gültig ab: 1. Januar 2026":                              "2026-01-01",
		"Diese Regelung tritt am 1. März 2025 in Kraft.":         "2025-03-01",
		"In Kraft ab 01.07.2025":                                 "2025-07-01",
		"Stand: 15.02.2024":                                      "2024-02-15",
		"Stand: Januar 2026":                                     "2026-01-01",
		"Stand 03/2025":                                          "2025-03-01",
		"Ausgabe Mai 2024. Gültig ab 1.6.2024":                   "2024-06-01",
		"En vigueur à compter du 1er janvier 2026":               "2026-01-01",
		"Applicable au 15 août 2025":                             "2025-08-15",
		"Vigente desde el 1 de enero de 2026":                    "2026-01-01",
		"En vigor a partir del 1 de julio de 2025":               "2025-07-01",
		"In vigore dal 1° gennaio 2026":                          "2026-01-01",
		"Con decorrenza dal 01.10.2025":                          "2025-10-01",
		"Effective 25/12/2025":                                   "2025-12-25",
		"Effective 12/25/2025":                                   "2025-12-25",
		"Effective 03/04/2025":                                   "", // which is the month?
		"The effective 31 February 2026":                         "",
		"The most effective way to work since 2020":              "",
		"Understand 01.01.2026":                                  "",
		"Founded on 1 January 1999":                              "",
		"Effective Monday 2026":                                  "",
		// A part of a text, or what is in it, is not the text.
		"The new travel allowance is effective from 1 January 2027.":                                 "",
		"Employees who joined with effect from 1 July 2019 keep their old contract.":                 "",
		"With effect from 1 January 2027, the car allowance is raised to 200 euros a month.":         "",
		"As of January 1, 2027, the allowance rises to 30 euros for each night.":                     "",
		"The General Data Protection Regulation has been in force since 25 May 2018.":                "",
		"Die Datenschutz-Grundverordnung gilt seit dem 25. Mai 2018.":                                "",
		"Die Zulage gilt ab 01.01.2027.":                                                             "",
		"Die bisherige Regelung tritt am 31.12.2025 außer Kraft.":                                    "",
		"Der Mindestlohn beträgt mit Wirkung vom 1. Januar 2027 vierzehn Euro.":                      "",
		"Employee Handbook, version 3, effective 1 January 2026":                                     "2026-01-01",
		"Reisekosten Deutschland – gültig ab 01.01.2026, Version 3":                                  "2026-01-01",
		"Muster GmbH\nPersonalabteilung\nStand: 15.02.2024\nVon der Geschäftsleitung freigegeben":    "2024-02-15",
		"Stand 02/2025 – Muster GmbH – Personalabteilung – Seite 3 von 20":                           "2025-02-01",
		"Gültig ab: 01.01.2026 Version: 2.0 Autor: Personalabteilung der Muster GmbH":                "2026-01-01",
		"Reisekosten · Stand: 15.02.2024 · Seite 3":                                                  "2024-02-15",
		"Die Zulage – gültig ab 01.01.2027 – beträgt 200 Euro.":                                      "",
		"This Employee Handbook takes effect on 1 January 2026 and replaces all earlier versions.":   "2026-01-01",
		"Policy effective date: 1 March 2026":                                                        "2026-03-01",
		"Die Richtlinie tritt am 1. April 2026 in Kraft und ersetzt die Fassung von 2024.":           "2026-04-01",
		"Diese Dienstvereinbarung tritt mit Wirkung vom 01.01.2026 in Kraft.":                        "2026-01-01",
		"Inkrafttreten: 01.01.2026":                                                                  "2026-01-01",
		"La présente charte entre en vigueur le 1er janvier 2026 pour tous les salariés du groupe.":  "2026-01-01",
		"Le présent règlement intérieur prend effet le 1er mai 2026.":                                "2026-05-01",
		"La presente política entra en vigor el 1 de enero de 2026.":                                 "2026-01-01",
		"Il presente regolamento entra in vigore il 1 gennaio 2026 e sostituisce quello precedente.": "2026-01-01",
		"Diese Betriebsvereinbarung gilt\nab 1. März 2026 für alle Beschäftigten der Muster GmbH.":   "2026-03-01",
		"Mit Wirkung vom 1. Januar 2026 gilt diese Betriebsvereinbarung an allen Standorten.":        "2026-01-01",
	} {
		if got := EffectiveDate([]string{text}); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	if got := EffectiveDate([]string{"Stand: 01.12.2025", "Gültig ab 01.01.2026"}); got != "2026-01-01" {
		t.Errorf("a strong word later: %s", got)
	}
}

func TestJoinLines(t *testing.T) {
	for _, c := range []struct {
		want  string
		lines []string
	}{
		{"Der Urlaubsanspruch beträgt 30 Tage.", []string{"Der Urlaubs-", "anspruch beträgt", "30 Tage."}},
		{"Urlaubs- und Feiertage", []string{"Urlaubs-", "und Feiertage"}},
		{"Baden-Württemberg", []string{"Baden-", "Württemberg"}},
		{"the years 2024-2026", []string{"the years 2024-", "2026"}},
		{"self-employed people", []string{"self-", "employed people"}},
		{"entitlement", []string{"entitle\u00ad", "ment"}},
		{"one - two", []string{"one -", "two"}},
		{"a b", []string{"a", "b"}},
		{"-", []string{"-"}},
	} {
		if got := JoinLines(c.lines); got != c.want {
			t.Errorf("%q: %q, want %q", c.lines, got, c.want)
		}
	}
}

// A table with a column of days is no statement of the text about itself.
func TestEffective_Tables(t *testing.T) {
	row := func(text string, cells ...string) Block { return Block{Kind: Row, Table: 1, Text: text, Cells: cells} }
	salaries := Document{Blocks: []Block{{Kind: Row, Table: 1, Head: true, Text: "Stufe | Gültig ab", Cells: []string{"Stufe", "Gültig ab"}},
		row("Stufe: E1; Gültig ab: 01.01.2027", "E1", "01.01.2027"), row("Stufe: E2; Gültig ab: 01.07.2027", "E2", "01.07.2027")}}
	cover := Document{Blocks: []Block{row("Version: 3", "Version", "3"), row("Gültig ab: 01.01.2026", "Gültig ab", "01.01.2026")}}
	for _, c := range []struct {
		doc  Document
		want string
	}{{salaries, ""}, {cover, "2026-01-01"}} {
		if got := Effective(c.doc); got != c.want {
			t.Errorf("%+v: %q", c.doc, got)
		}
	}
}
