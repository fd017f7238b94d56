package webui_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"qslbox/qso"
)

// TestKeyboard does the main jobs without a mouse: search, look, mark a card,
// enter a QSO. What has the focus is seen.
func TestKeyboard(t *testing.T) {
	f := newFixture(t, overNetwork).withPeople()
	main := f.books.book("main")
	main.add(contact("JA1ZZZ", "20m", "CW", started), contact("W1AAA", "40m", "CW", started))
	b := newBrowser(t, f)
	b.enter(f, "owner")
	b.look(1280, "light")

	b.open("/")
	b.press(kb.Tab)
	b.focused(".skip")
	b.press(kb.Enter, kb.Tab)
	b.focused("main *")
	for range 25 {
		b.press(kb.Tab)
		b.until(`(() => { const e = document.activeElement; return e === document.body || getComputedStyle(e).outlineStyle !== "none" })()`)
	}

	b.open("/map")
	b.press("/")
	b.focused("#callbox")
	b.run(chromedp.Evaluate[chromedp.Void](`document.activeElement.value = ""`)) // the driver types the sign, too, which a keyboard would not
	b.press("ja1zzz", kb.Enter)
	b.goneTo("/log?call=ja1zzz")
	b.tabTo(`.log .call a`)
	b.press(kb.Enter)
	b.shows(".single")

	b.open("/cards")
	b.callField()
	b.press("ja1zzz", kb.Enter)
	b.shows(".qslrow")
	b.until(`document.activeElement.dataset.key === "b"`)
	b.press("d")
	b.shows(".undo")
	b.callField()
	if q, _ := main.Get(1); !q.Confirmed().Has(qso.Card) || q.Get(qso.FieldQSLRcvdVia) != "D" {
		t.Errorf("D did not mark the card: %v", q.Confirmed().Names())
	}
	b.run(chromedp.Evaluate[chromedp.Void](`document.activeElement.blur()`))
	b.press("u")
	b.until(`!document.querySelector(".undo") && !!document.querySelector(".qslrow")`)
	if q, _ := main.Get(1); q.Confirmed().Has(qso.Card) {
		t.Error("U did not take it back")
	}

	b.open("/log/new")
	b.focused(`input[name="call"]`)
	b.press("dl1abc")
	b.shows("#callcard")
	b.says("#callcard", "Federal Republic of Germany")
	b.run(chromedp.SetValue(`select[name="band"]`, "20m"))
	b.tabTo(`input[name="mode"]`)
	b.press("CW", kb.Enter)
	b.shows(".single")
	b.says("h1", "DL1ABC")
	b.calm("keyboard")
}

// press presses keys one after the other, and writes longer texts.
func (b *browser) press(keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		b.run(chromedp.KeyEvent(key))
	}
}

// focused wants an element to have the focus, and waits for it.
func (b *browser) focused(selector string) {
	b.t.Helper()
	b.until(b.stands() + ` && document.activeElement.matches(` + quote(strings.ReplaceAll(selector, `"`, `'`)) + `)`)
}

// tabTo presses Tab until an element has the focus.
func (b *browser) tabTo(selector string) {
	b.t.Helper()
	for range 60 {
		b.press(kb.Tab)
		if find(b, chromedp.Evaluate[bool](`document.activeElement.matches(`+quote(strings.ReplaceAll(selector, `"`, `'`))+`)`)) {
			return
		}
	}
	b.t.Fatalf("Tab does not lead to %s", selector)
}

// TestOffline reads the dashboard that was seen last while the service is away.
func TestOffline(t *testing.T) {
	f := filled(t, 50).withPeople()
	b := newBrowser(t, f)
	b.enter(f, "viewer")
	b.open("/")
	b.until(`navigator.serviceWorker.controller !== null`)
	b.open("/") // now through the worker, which keeps it
	b.until(`(caches.match("/").then((kept) => { window.kept = !!kept; }), window.kept === true)`)
	b.calm("online")
	f.web.CloseClientConnections()
	f.web.Close()
	b.run(chromedp.Navigate(b.url + "/"))
	b.shows(".offline")
	b.says(".offline", "as you saw it last")
	b.says(".qsl .call", "DK9XYZ")
	b.until(`getComputedStyle(document.querySelector(".box")).backgroundColor !== "rgba(0, 0, 0, 0)"`)
}
