package adif

// Find makes the name lookup of the scanner known to tests: the name and colon
// that b starts with, or "".
func Find(b []byte) string {
	if e := knownNames().find(b); e != nil {
		return e.name
	}
	return ""
}
