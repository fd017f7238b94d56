package webui_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"qslbox/qso"
)

// TestMapPointer says below the map what is under the pointer: a mark by its
// name, a square of the whole Earth by where it is.
func TestMapPointer(t *testing.T) {
	f := newFixture(t, overNetwork).withPeople()
	q := contact("JA1ZZZ", "20m", "CW", started)
	q.DXCC = 339
	q.Set(qso.FieldGridsquare, "PM95")
	f.books.book("main").add(q)
	b := newBrowser(t, f)
	b.enter(f, "viewer")
	b.look(1280, "light")

	b.open("/map?lines=no")
	b.point(`.mark.worked`)
	b.says(".about", "Japan: 1 QSO, worked")
	b.open("/map?show=grids&lines=no")
	b.point(`.area.worked`)
	b.says(".about", "PM95")
	b.run(chromedp.Click(`.area.worked`))
	b.goneTo("/log?square=PM95")
	b.says(".log tbody", "JA1ZZZ")
	b.calm("map")
}

// point moves the mouse into an element, as a hand does until the page says
// what it is.
func (b *browser) point(selector string) {
	b.t.Helper()
	b.shows(selector)
	where := chromedp.Evaluate[[]float64](fmt.Sprintf(
		`(() => { const e = document.querySelector(%s); e.scrollIntoView({ block: "center" }); const r = e.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2]; })()`, quote(selector)))
	for range 50 {
		at := find(b, where)
		b.run(chromedp.MouseEvent("mouseMoved", at[0]-1, at[1]), chromedp.MouseEvent("mouseMoved", at[0], at[1]))
		if find(b, chromedp.Evaluate[bool](`!document.querySelector(".about").hidden`)) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.t.Fatalf("the page does not say what is at %s", selector)
}
