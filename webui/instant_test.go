package webui_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestInstant sets a filter of the log in a browser: the list, the count, the
// chips and the address follow while it is typed, the form keeps its focus, a
// wrong value is marked beside its field, and one that is taken away brings all
// back.
func TestInstant(t *testing.T) {
	f := newFixture(t, overNetwork).withPeople()
	f.books.book("main").add(contact("JA1ZZZ", "20m", "CW", started), contact("W1AAA", "40m", "CW", started), contact("W1AAA", "20m", "SSB", started))
	b := newBrowser(t, f)
	b.enter(f, "viewer")
	for _, width := range []int64{1280, 390} {
		b.look(width, "light")
		b.open("/log?sort=-call")
		b.run(chromedp.Click(".filter summary"), chromedp.Focus(`.filter [name=call]`))
		b.press("w1")
		b.until(`document.querySelectorAll(".log tbody tr").length === 0 && location.search === "?sort=-call&call=w1"`)
		b.press("aaa")
		b.until(`document.querySelectorAll(".log tbody tr").length === 2 && document.querySelector(".chips").textContent.includes("w1aaa")`)
		b.until(`document.activeElement.name === "call" && document.querySelector("main h1").textContent.includes("2 QSOs")`)
		b.until(`document.querySelector("[role=status].sr").textContent.includes("2 QSOs") && document.querySelector(".filter").open`)

		b.run(chromedp.Evaluate[chromedp.Void](`(() => { const e = document.querySelector(".filter [name=band]"); e.value = "20m"; e.dispatchEvent(new Event("change", { bubbles: true })); })()`))
		b.until(`document.querySelectorAll(".log tbody tr").length === 1 && location.search.includes("band=20m")`)

		b.run(chromedp.Focus(`.filter [name=square]`))
		b.press("zz")
		b.until(`document.querySelector(".filter [name=square]").getAttribute("aria-invalid") === "true" && !!document.querySelector("#wrong-square") && document.querySelectorAll(".log tbody tr").length === 1`)
		b.press("\b\b")
		b.until(`!document.querySelector(".wrong") && !document.querySelector(".filter [name=square]").hasAttribute("aria-invalid") && !location.search.includes("square")`)
	}
	b.calm("while a filter was set")
}
