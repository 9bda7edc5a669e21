package window

import (
	"os"
	"testing"
)

func TestPlaceFits(t *testing.T) {
	wide, small, second := area{1920, 1080}, area{1024, 600}, area{1280, 1024}
	for name, c := range map[string]struct {
		kept  place
		now   []area
		want  place
		moved bool
	}{
		"the same screen":      {place{900, 700, 50, 60, false, false, []area{wide}}, []area{wide}, place{900, 700, 50, 60, false, false, []area{wide}}, false},
		"nothing kept":         {place{}, []area{wide}, place{startWidth, startHeight, 0, 0, false, false, []area{wide}}, true},
		"a smaller screen":     {place{1500, 900, 300, 90, false, false, []area{wide}}, []area{small}, place{1024, 600, 300, 90, false, false, []area{small}}, true},
		"a screen unplugged":   {place{900, 700, 2000, 60, false, false, []area{wide, second}}, []area{wide}, place{900, 700, 2000, 60, false, false, []area{wide}}, true},
		"another order":        {place{900, 700, 10, 60, false, false, []area{wide, second}}, []area{second, wide}, place{900, 700, 10, 60, false, false, []area{second, wide}}, true},
		"hardly to be seen":    {place{5, 3, 10, 60, false, false, []area{wide}}, []area{wide}, place{minWidth, minHeight, 10, 60, false, false, []area{wide}}, false},
		"negative":             {place{-5, 300, 10, 60, false, false, []area{wide}}, []area{wide}, place{startWidth, startHeight, 10, 60, false, false, []area{wide}}, true},
		"no screens are told":  {place{900, 700, 10, 60, false, false, []area{wide}}, nil, place{900, 700, 10, 60, false, false, nil}, true},
		"maximised stays so":   {place{900, 700, 10, 60, true, false, []area{wide}}, []area{wide}, place{900, 700, 10, 60, true, false, []area{wide}}, false},
		"a huge place is cut":  {place{90000, 70000, 0, 0, false, false, []area{wide}}, []area{wide}, place{1920, 1080, 0, 0, false, false, []area{wide}}, false},
		"two screens, same as": {place{900, 700, 2000, 60, false, false, []area{wide, second}}, []area{wide, second}, place{900, 700, 2000, 60, false, false, []area{wide, second}}, false},
	} {
		got, moved := c.kept.fit(c.now)
		if !got.same(c.want) || moved != c.moved {
			t.Errorf("%s: %+v moved %v, want %+v moved %v", name, got, moved, c.want, c.moved)
		}
	}
}

func TestPlaceIsKept(t *testing.T) {
	folder := t.TempDir()
	want := place{900, 700, 50, 60, true, false, []area{{1920, 1080}}}
	keepPlace(folder, want)
	if got := readPlace(folder); !got.same(want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) != 1 {
		t.Errorf("files %v, %v", files, err)
	}
	for _, damaged := range []string{"", "{", `{"width":"x"}`, "\x00\x00\x00"} {
		if err := os.WriteFile(placeFile(folder), []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := readPlace(folder); !got.same(place{}) {
			t.Errorf("%q: %+v", damaged, got)
		}
	}
	keepPlace(folder+"/none", want) // must not panic
}
