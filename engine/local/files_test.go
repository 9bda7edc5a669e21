package local

import (
	"testing"

	"alcove/engine/models"
)

func TestFateOf(t *testing.T) {
	m := models.Info{ID: "m", Content: "1 100 9:00", Inode: "1", Size: 100}
	cases := map[string]struct {
		files []models.Info
		want  fate
	}{
		"same":               {[]models.Info{{ID: "a"}, m}, fateSame},
		"removed":            {[]models.Info{{ID: "a"}}, fateGone},
		"folder gone":        {nil, fateGone},
		"replaced by rename": {[]models.Info{{ID: "m", Content: "2 100 9:00", Inode: "2", Size: 100}}, fateChanged},
		"replaced, shorter":  {[]models.Info{{ID: "m", Content: "2 90 9:00", Inode: "2", Size: 90}}, fateChanged},
		"touched":            {[]models.Info{{ID: "m", Content: "1 100 9:01", Inode: "1", Size: 100}}, fateChanged},
		"cut":                {[]models.Info{{ID: "m", Content: "1 90 9:01", Inode: "1", Size: 90}}, fateBroken},
		"grown":              {[]models.Info{{ID: "m", Content: "1 110 9:01", Inode: "1", Size: 110}}, fateBroken},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := fateOf(m, c.files); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	if got := fateOf(models.Info{}, nil); got != fateSame {
		t.Errorf("no model in use: %q", got)
	}
}
