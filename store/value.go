package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// valueFormat is the first byte of every value.
const valueFormat = 1

// ErrDamaged says that a value or the file is damaged.
var ErrDamaged = errors.New("damaged data")

// castagnoli is CRC-32C, which processors compute themselves.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// header is what every value begins with: format, kind (of its bucket),
// logbook number (0 outside), generation of the logbook when it was written.
// The payload follows, then CRC-32C over key, header and payload.
type header struct {
	kind       byte
	logbook    uint16
	generation uint64
}

const (
	fixedHeader = 4 // format, kind, logbook number
	sumSize     = 4
)

// appendValue appends a whole value: header, payload, checksum.
func appendValue(b []byte, key []byte, h header, payload []byte) []byte {
	start := len(b)
	b = append(appendHeader(b, h), payload...)
	return binary.BigEndian.AppendUint32(b, sum(key, b[start:]))
}

func appendHeader(b []byte, h header) []byte {
	b = binary.BigEndian.AppendUint16(append(b, valueFormat, h.kind), h.logbook)
	return binary.AppendUvarint(b, h.generation)
}

func sum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}

// openValue checks a value and returns its header and payload, which points
// into the value. It returns ErrDamaged, with the reason.
func openValue(key, value []byte) (h header, payload []byte, err error) {
	if len(value) < fixedHeader+1+sumSize {
		return h, nil, fmt.Errorf("%w: a value of %d bytes is too short", ErrDamaged, len(value))
	}
	body := value[:len(value)-sumSize]
	if sum(key, body) != binary.BigEndian.Uint32(value[len(body):]) {
		return h, nil, fmt.Errorf("%w: the checksum does not fit", ErrDamaged)
	}
	if body[0] != valueFormat {
		return h, nil, fmt.Errorf("%w: value format %d is not known to this version", ErrDamaged, body[0])
	}
	h.kind, h.logbook = body[1], binary.BigEndian.Uint16(body[2:])
	n := 0
	if h.generation, n = binary.Uvarint(body[fixedHeader:]); n <= 0 {
		return h, nil, fmt.Errorf("%w: the generation cannot be read", ErrDamaged)
	}
	return h, body[fixedHeader+n:], nil
}
