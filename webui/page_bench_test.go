package webui_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkPages measures whole pages of a log of 10,000 QSOs, their snapshots
// being there.
func BenchmarkPages(b *testing.B) {
	f := filled(b, 10_000)
	handler := f.server.CommandHandler()
	for _, path := range []string{"/", "/log", "/log?call=DL*", "/qso/12", "/awards", "/awards/dxcc", "/map", "/monitor"} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			size := 0
			for b.Loop() {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
				if w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
				size = w.Body.Len()
			}
			b.ReportMetric(float64(size)/1024, "KiB")
		})
	}
}
