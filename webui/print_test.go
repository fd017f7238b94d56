package webui_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/google/go-cmp/cmp"
)

// onPaper looks at a page as it will be printed: what only a screen needs is
// gone, paper stays white and ink black whatever the device prefers, the table
// that is the application list is there whole, its head on each sheet.
const onPaper = `(() => {
	const wrong = [], shown = e => e.offsetParent !== null || e.getClientRects().length > 0;
	const rgb = text => (text.match(/[\d.]+/g) || []).map(Number);
	for (const e of document.querySelectorAll("nav, footer, button, input, select, .filterbar, .chips, .pager"))
		if (shown(e)) wrong.push("is printed: " + e.tagName + "." + e.className);
	if (getComputedStyle(document.body).backgroundColor != "rgb(255, 255, 255)") wrong.push("the paper is not white");
	for (const cell of document.querySelectorAll("main th, main td")) {
		if (!shown(cell) || !cell.textContent.trim()) continue;
		const ink = rgb(getComputedStyle(cell).color);
		if (Math.max(ink[0], ink[1], ink[2]) > 110) { wrong.push("pale: " + cell.textContent.trim() + " " + ink); break; }
	}
	const head = document.querySelector("main table thead");
	if (!head || getComputedStyle(head).display != "table-header-group") wrong.push("the head does not stand on each sheet");
	if (document.documentElement.scrollWidth > innerWidth) wrong.push("wider than the sheet by " + (document.documentElement.scrollWidth - innerWidth));
	for (const box of document.querySelectorAll("main .scroll"))
		if (box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX != "visible") wrong.push("a table is cut off: " + (box.scrollWidth - box.clientWidth));
	return wrong;
})()`

// TestPrints prints the lists that go to award and QSL managers, on A4, from a
// device that prefers dark colours.
func TestPrints(t *testing.T) {
	f := filled(t, 600)
	f.withPeople()
	b := newBrowser(t, f)
	b.enter(f, "admin")
	for name, path := range map[string]string{
		"award by band": "/awards/dxcc", "award by mode class": "/awards/wpx?slots=class", "needed": "/awards/was?show=open",
		"DOKs": "/awards/dld", "cards to check": "/cards/list", "log": "/log",
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.look(718, "dark") // A4 less its margins
			call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
			b.open(path)
			if diff := cmp.Diff([]string{}, find(b, chromedp.Evaluate[[]string](onPaper))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
			if dir := os.Getenv("QSLBOX_SHOTS"); dir != "" {
				sheet, err := chromedp.Call(b.ctx, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: 8.27, PaperHeight: 11.69})
				if err != nil {
					t.Fatal(err)
				}
				pdf, err := base64.StdEncoding.DecodeString(string(sheet.Data))
				if err != nil {
					pdf = []byte(sheet.Data)
				}
				if err := os.WriteFile(filepath.Join(dir, name+".pdf"), pdf, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
