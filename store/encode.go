package store

import (
	"encoding/binary"
	"slices"
	"sync"

	"go.etcd.io/bbolt"
)

// blockRecords is how many records are encoded at a time.
const blockRecords = 512

// maxKept bounds the block that is kept for the next transaction.
const maxKept = 256 << 10

// block is encoded records, one behind the other: the key, then the value. One
// without value says that the key is to be deleted.
type block struct {
	bytes []byte
	ends  []int
}

// encode fills the block with the entries of a part of the order.
func (b *block) encode(w *writing, h header, part []int32) {
	b.bytes, b.ends = b.bytes[:0], b.ends[:0]
	for _, i := range part {
		e := &w.entries[i]
		start := len(b.bytes)
		b.bytes = binary.BigEndian.AppendUint64(b.bytes, e.q.ID)
		if !e.gone {
			b.bytes = appendRecord(appendHeader(b.bytes, h), e.q)
			b.bytes = binary.BigEndian.AppendUint32(b.bytes, sum(b.bytes[start:start+8], b.bytes[start+8:]))
		}
		b.ends = append(b.ends, len(b.bytes))
	}
}

// put puts what the block holds into the bucket, which keeps the block's memory
// until the transaction ends.
func (b *block) put(bucket *bbolt.Bucket) error {
	start := 0
	for _, end := range b.ends {
		key, value := b.bytes[start:start+8:start+8], b.bytes[start+8:end:end]
		start = end
		var err error
		if len(value) == 0 {
			err = bucket.Delete(key)
		} else {
			err = bucket.Put(key, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// put encodes the entries in the order and puts them into the bucket. Of many,
// the next block is encoded while one is put.
func (w *writing) put(bucket *bbolt.Bucket, h header, order []int32) error {
	for len(w.blocks) <= len(order)/blockRecords {
		w.blocks = append(w.blocks, block{})
	}
	if len(order) <= blockRecords {
		w.blocks[0].encode(w, h, order)
		return w.blocks[0].put(bucket)
	}
	ready := make(chan *block, len(w.blocks))
	var encoding sync.WaitGroup
	defer encoding.Wait() // it reads the entries
	encoding.Go(func() {
		defer close(ready)
		n := 0
		for part := range slices.Chunk(order, blockRecords) {
			w.blocks[n].encode(w, h, part)
			ready <- &w.blocks[n]
			n++
		}
	})
	for b := range ready {
		if err := b.put(bucket); err != nil {
			return err
		}
	}
	return nil
}

// release keeps the writing's memory for the next one. The transaction has
// ended, and nobody looks at the writing any more.
func (w *writing) release() {
	clear(w.entries)
	clear(w.byID)
	clear(w.byKey)
	clear(w.history)
	kept := &writing{entries: w.entries[:0], byID: w.byID, byKey: w.byKey, links: w.links[:0], near: w.near[:0], history: w.history[:0]}
	for _, b := range w.blocks {
		if cap(b.bytes) <= maxKept {
			kept.blocks = append(kept.blocks, b)
		}
	}
	w.l.s.writings.Put(kept)
}
