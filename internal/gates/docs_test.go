package gates

import (
	"go/ast"
	"strings"
	"testing"
)

func TestExportedNamesAreDocumented(t *testing.T) {
	for _, s := range mustSources(t) {
		if s.generated() || s.test {
			continue
		}
		for _, decl := range s.syntax.Decls {
			for _, id := range undocumented(decl) {
				t.Errorf("%s: exported %s has no comment", s.fset.Position(id.Pos()), id.Name)
			}
		}
	}
}

func TestPackagesAreDescribed(t *testing.T) {
	described := map[string]bool{}
	for _, s := range mustSources(t) {
		described[s.pkg] = described[s.pkg] || (!s.test && len(strings.Fields(s.syntax.Doc.Text())) >= 5)
	}
	for _, pkg := range sortedKeys(described) {
		if !described[pkg] {
			t.Errorf("package %s has no package comment (doc.go: what it is, and its words)", pkg)
		}
	}
}

// undocumented lists the exported names of a declaration that no comment explains. One comment over a group
// of constants or variables speaks for all of them.
func undocumented(decl ast.Decl) []*ast.Ident {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		ofError := d.Recv != nil && (d.Name.Name == "Error" || d.Name.Name == "Unwrap") // says nothing that the interface does not
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) && !ofError {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		var bare []*ast.Ident
		for _, spec := range d.Specs {
			switch sp := spec.(type) {
			case *ast.TypeSpec:
				if sp.Name.IsExported() && d.Doc == nil && sp.Doc == nil && sp.Comment == nil {
					bare = append(bare, sp.Name)
				}
			case *ast.ValueSpec:
				if d.Doc == nil && sp.Doc == nil && sp.Comment == nil {
					bare = append(bare, exported(sp.Names)...)
				}
			}
		}
		return bare
	}
	return nil
}

// exportedReceiver says whether a function is no method, or a method of an exported type.
func exportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return true
	}
	e := f.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

// exported keeps the exported ones of a list of names.
func exported(names []*ast.Ident) []*ast.Ident {
	var out []*ast.Ident
	for _, n := range names {
		if n.IsExported() {
			out = append(out, n)
		}
	}
	return out
}
