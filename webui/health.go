package webui

import (
	"math"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"qslbox/monitor"
	"qslbox/qso"
	"qslbox/webui/access"
)

// healthWriter writes the answer of GET /api/health (DESIGN.md section 7).
// The members that monitoring scripts have always read are written anew for
// each request from counters that need no lock; what follows them is put
// together at most once a second, by one request, while others take what is
// there.
type healthWriter struct {
	public  sources // strangers who asked, and how often
	tail    atomic.Pointer[healthTail]
	busy    atomic.Bool // somebody puts the tail together
	slowest atomic.Pointer[slowestText]
}

// healthTail is what comes behind the fixed members, ready to send.
type healthTail struct {
	at   time.Time
	text []byte
}

// slowestText is the list of the slowest calls as JSON, good as long as the
// monitor answers with the same list.
type slowestText struct {
	calls []monitor.SlowCall
	text  []byte
}

// tailEvery is how old the tail may be.
const tailEvery = time.Second

func (h *healthWriter) init(*Server) { h.public.limit, h.public.burst = 1, 60 }

// getHealth answers GET /api/health: with everything for those who may see
// figures, else whether we are well. 503 says that we cannot serve.
func getHealth(c *call) error {
	verdict := c.Server.Health.Verdict()
	full := c.id.May(access.Metrics, "")
	if !full {
		if err := c.health.public.take(access.Network(c.source), c.time()); err != nil {
			return err
		}
	}
	size := 256
	var tail []byte
	if full {
		tail = c.health.current(c.Server, verdict)
		size = 1024 + len(tail)
	}
	b := make([]byte, 0, size)
	b = append(b, `{"status":"`...)
	b = append(b, verdict.Status.String()...)
	b = append(b, `","timestamp":"`...)
	b = c.time().AppendFormat(b, "2006-01-02T15:04:05.000Z")
	b = append(b, `","uptime":`...)
	b = appendSeconds(b, c.Elapsed())
	if full {
		b = c.health.appendPerformance(b, c.Monitor)
		b = appendCache(b, c.Server)
		b = append(b, tail...)
	}
	b = append(b, '}', '\n')
	status := http.StatusOK
	if verdict.Status == monitor.Error {
		status = http.StatusServiceUnavailable
	}
	return c.writeBody(status, b)
}

func (h *healthWriter) appendPerformance(b []byte, m *monitor.Monitor) []byte {
	total := m.Totals(monitor.Query)
	mean := time.Duration(0)
	if total.Count > 0 {
		mean = total.Time / time.Duration(total.Count)
	}
	b = append(b, `,"performance":{"totalQueries":`...)
	b = strconv.AppendUint(b, total.Count, 10)
	b = append(b, `,"totalTime":`...)
	b = appendMS(b, total.Time)
	b = append(b, `,"avgTime":"`...)
	b = appendShort(b, float64(mean)/float64(time.Millisecond))
	b = append(b, `ms","slowQueries":`...)
	b = strconv.AppendUint(b, total.Slow, 10)
	b = append(b, `,"criticalQueries":`...)
	b = strconv.AppendUint(b, total.Critical, 10)
	b = append(b, `,"topSlowest":`...)
	b = append(b, h.slowestJSON(m)...)
	return append(b, '}')
}

// slowestJSON returns the slowest queries of the last hour; it is written anew
// only if the list is another one.
func (h *healthWriter) slowestJSON(m *monitor.Monitor) []byte {
	calls := m.Slowest(monitor.Query)
	if len(calls) == 0 {
		return []byte("[]")
	}
	if t := h.slowest.Load(); t != nil && len(t.calls) == len(calls) && &t.calls[0] == &calls[0] {
		return t.text
	}
	text := []byte{'['}
	for i := range calls {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, `{"operation":`...)
		text = qso.AppendJSONString(text, calls[i].Operation)
		text = append(text, `,"ms":`...)
		text = appendMS(text, calls[i].Duration)
		text = append(text, `,"at":"`...)
		text = calls[i].At.UTC().AppendFormat(text, "2006-01-02T15:04:05.000Z")
		text = append(text, `","detail":`...)
		text = qso.AppendJSONString(text, calls[i].Detail)
		text = append(text, '}')
	}
	text = append(text, ']')
	h.slowest.Store(&slowestText{calls, text})
	return text
}

func appendCache(b []byte, s *Server) []byte {
	counters := s.Keeper.Counters()
	total := counters.Total()
	b = append(b, `,"cache":{"total":`...)
	b = strconv.AppendInt(b, int64(total.Size), 10)
	b = append(b, `,"valid":`...)
	b = strconv.AppendInt(b, int64(total.Valid), 10)
	b = append(b, `,"expired":`...)
	b = strconv.AppendInt(b, int64(total.Expired), 10)
	b = append(b, `,"ttl":`...)
	b = strconv.AppendInt(b, s.Keeper.TTL().Milliseconds(), 10)
	b = append(b, `,"hitRate":"`...)
	b = appendShort(b, total.HitRate()*100)
	b = append(b, `%","awardCache":{"size":`...)
	b = appendClass(b, counters.Awards.Size, counters.Awards.Hits, counters.Awards.Misses)
	b = append(b, `,"statsCache":{"size":`...)
	b = appendClass(b, counters.Stats.Size, counters.Stats.Hits, counters.Stats.Misses)
	return append(b, '}')
}

func appendClass(b []byte, size int, hits, misses uint64) []byte {
	b = strconv.AppendInt(b, int64(size), 10)
	b = append(b, `,"hits":`...)
	b = strconv.AppendUint(b, hits, 10)
	b = append(b, `,"misses":`...)
	b = strconv.AppendUint(b, misses, 10)
	return append(b, '}')
}

// appendShort appends a number with at most two decimals and no trailing
// zeros.
func appendShort(b []byte, x float64) []byte {
	return strconv.AppendFloat(b, math.Round(x*100)/100, 'f', -1, 64)
}

// appendMS appends a duration in milliseconds, exact to the microsecond.
func appendMS(b []byte, d time.Duration) []byte {
	return strconv.AppendFloat(b, float64(d.Round(time.Microsecond).Microseconds())/1000, 'f', -1, 64)
}

// appendSeconds appends a duration in seconds, exact to the nanosecond.
func appendSeconds(b []byte, d time.Duration) []byte {
	b = strconv.AppendInt(b, int64(d/time.Second), 10)
	rest := int64(d % time.Second)
	if rest <= 0 {
		return b
	}
	var digits [10]byte
	digits[0] = '.'
	for i := 9; i > 0; i-- {
		digits[i] = byte('0' + rest%10)
		rest /= 10
	}
	n := 10
	for digits[n-1] == '0' {
		n--
	}
	return append(b, digits[:n]...)
}
