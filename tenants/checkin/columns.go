package checkin

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// column is one column of a batch as Postgres reads an array in binary: a head, then each value's length and bytes. It is
// written by hand because a batch is written many hundred times a second: through pgx's reflection it took more
// allocations than all the rest of a check-in.
type column struct {
	element uint32 // type of the values
	data    []byte
	n       int
}

// arrayHead is the length of: dimensions (1), whether there are NULLs, the element type, the number, the first index (1).
const arrayHead = 20

func (c *column) reset() {
	c.data = append(c.data[:0], make([]byte, arrayHead)...)
	c.n = 0
}

func (c *column) null() {
	c.data = binary.BigEndian.AppendUint32(c.data, ^uint32(0)) // length -1
	c.n++
}

func (c *column) bytes(b []byte) {
	c.data = append(binary.BigEndian.AppendUint32(c.data, uint32(len(b))), b...)
	c.n++
}

func (c *column) text(s string) {
	c.data = append(binary.BigEndian.AppendUint32(c.data, uint32(len(s))), s...)
	c.n++
}

func (c *column) int2(v int) {
	c.data = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint32(c.data, 2), uint16(v))
	c.n++
}

// epoch is where Postgres counts microseconds from.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

func (c *column) time(t time.Time) {
	c.data = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(c.data, 8), uint64(t.UnixMicro()-epoch))
	c.n++
}

// wire is the finished array; it stands until the next reset.
func (c *column) wire() []byte {
	binary.BigEndian.PutUint32(c.data[0:], 1)
	binary.BigEndian.PutUint32(c.data[4:], 1)
	binary.BigEndian.PutUint32(c.data[8:], c.element)
	binary.BigEndian.PutUint32(c.data[12:], uint32(c.n))
	binary.BigEndian.PutUint32(c.data[16:], 1)
	return c.data
}

// columns is a batch turned on its side, in the order of the statement's parameters. It is used again for every batch of
// its shard.
type columns struct {
	all    [12]column
	byUUID bool // every check-in of the batch is addressed by UUID
	wires  [12][]byte
}

var elements = [12]uint32{pgtype.UUIDOID, pgtype.TimestamptzOID, pgtype.TextOID, pgtype.Int2OID, pgtype.UUIDOID, pgtype.TextOID,
	pgtype.TextOID, pgtype.TextOID, pgtype.TextOID, pgtype.ByteaOID, pgtype.TextOID, pgtype.TextOID}

// fill writes a batch. What it gives stands until it is called again.
func (c *columns) fill(batch []*item) (parameters [][]byte) {
	for i := range c.all {
		c.all[i].element = elements[i]
		c.all[i].reset()
	}
	c.byUUID = true
	for _, it := range batch {
		if it.UUID != uuid.Nil {
			c.all[0].bytes(it.UUID[:])
		} else {
			c.all[0].null()
			c.byUUID = false
		}
		c.all[1].time(it.at)
		c.all[2].text(string(it.Kind))
		if it.ExitStatus != nil {
			c.all[3].int2(*it.ExitStatus)
		} else {
			c.all[3].null()
		}
		if it.RID != nil {
			c.all[4].bytes(it.RID[:])
		} else {
			c.all[4].null()
		}
		c.all[5].text(it.Method)
		c.all[6].text(it.Remote)
		c.all[7].text(it.Agent)
		c.all[8].text(it.ContentType)
		c.all[9].bytes(it.Body)
		c.all[10].text(it.PingKey)
		c.all[11].text(it.Slug)
	}
	n := len(c.all)
	if c.byUUID {
		n -= 2
	}
	for i := range n {
		c.wires[i] = c.all[i].wire()
	}
	return c.wires[:n]
}

// shrink lets go of what an unusually large batch has left behind.
func (c *columns) shrink() {
	for i := range c.all {
		if cap(c.all[i].data) > 1<<20 {
			c.all[i].data = nil
		}
	}
	clear(c.wires[:])
}
