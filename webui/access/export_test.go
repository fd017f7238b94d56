package access

// FillHashing takes both places for hashing until leave is called.
func (g *Gate) FillHashing() (leave func()) {
	for range cap(g.hash) {
		g.hash <- struct{}{}
	}
	return func() {
		for range cap(g.hash) {
			<-g.hash
		}
	}
}
