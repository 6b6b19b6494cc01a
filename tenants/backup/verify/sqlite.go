package verify

import (
	"encoding/binary"
	"errors"
	"io"
)

// sqliteDB is what the first 100 bytes of a database say.
type sqliteDB struct {
	page   int   // page size in bytes
	usable int   // of each page
	pages  int64 // in the header; 0 when the header is not to be trusted
	free   bool  // there are free pages
	ptrmap bool  // auto-vacuum: some pages are maps
}

// lockByte is where SQLite keeps its locks; the page there is never used.
const lockByte = 1 << 30

// sqlite reads a database file page by page: the header must hold, its page
// count must be the file's, and every page must be one of the kinds there are,
// b-tree pages with everything inside their bounds. Rows are not looked at, and
// the file carries no checksums. (https://www.sqlite.org/fileformat2.html)
func (s *scan) sqlite(in *counted) error {
	h, err := in.Peek(100)
	if len(h) < 100 {
		return ended(err, int64(len(h)), 100)
	}
	db, ok := sqliteHeader(h)
	if !ok {
		return corrupt(FormatSQLite, 0)
	}
	free, freePages := int64(binary.BigEndian.Uint32(h[32:])), int64(binary.BigEndian.Uint32(h[36:]))
	page := make([]byte, db.page)
	n := int64(0)
	for {
		at := in.at
		k, err := io.ReadFull(in, page)
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return truncated(at+int64(k), max(db.pages, n+1)*int64(db.page))
		}
		if err != nil {
			return err
		}
		n++
		if !db.sane(page, n) {
			return fail("verify.page", "page", digits(n), "at", digits(at))
		}
		if err := s.tick(); err != nil {
			return err
		}
	}
	switch {
	case db.pages > n:
		return truncated(in.at, db.pages*int64(db.page))
	case db.pages > 0 && db.pages < n:
		return fail("verify.trailing_garbage", "at", digits(db.pages*int64(db.page)))
	case free > n, freePages >= n, (free == 0) != (freePages == 0):
		return corrupt(FormatSQLite, 32)
	}
	s.entries.Store(n)
	return nil
}

func sqliteHeader(h []byte) (db sqliteDB, ok bool) {
	db.page = int(binary.BigEndian.Uint16(h[16:]))
	if db.page == 1 {
		db.page = 65536
	}
	db.usable = db.page - int(h[20])
	if db.page < 512 || db.page&(db.page-1) != 0 || db.usable < 480 {
		return db, false
	}
	if h[18] < 1 || h[18] > 2 || h[19] < 1 || h[19] > 2 || h[21] != 64 || h[22] != 32 || h[23] != 32 {
		return db, false
	}
	if format, text := binary.BigEndian.Uint32(h[44:]), binary.BigEndian.Uint32(h[56:]); format > 4 || text > 3 {
		return db, false
	}
	// The page count counts only where the version that wrote it kept it up.
	if binary.BigEndian.Uint32(h[24:]) == binary.BigEndian.Uint32(h[92:]) {
		db.pages = int64(binary.BigEndian.Uint32(h[28:]))
	}
	db.free = binary.BigEndian.Uint32(h[36:]) != 0
	db.ptrmap = binary.BigEndian.Uint32(h[52:]) != 0
	return db, true
}

// sane reports whether page number n (from 1) can be a page of this database.
func (db sqliteDB) sane(page []byte, n int64) bool {
	switch {
	case n == 1:
		return (page[100] == 5 || page[100] == 13) && db.btree(page, 100)
	case db.isMap(n):
		return db.mapPage(page)
	case n == lockByte/int64(db.page)+1:
		return true
	}
	switch page[0] {
	case 2, 5, 10, 13:
		// An overflow page whose next page number begins with such a byte
		// needs more than 33 million pages before it.
		return db.btree(page, 0) || db.pages >= 1<<25
	case 0:
		return true // overflow, free-list trunk, or a free page that was wiped
	}
	return db.pages == 0 || db.pages >= 1<<24
}

// isMap reports whether page n is a pointer map of an auto-vacuum database.
func (db sqliteDB) isMap(n int64) bool {
	if !db.ptrmap || n < 2 {
		return false
	}
	each := int64(db.usable/5 + 1)
	first := (n-2)/each*each + 2
	if first == lockByte/int64(db.page)+1 {
		first++
	}
	return n == first
}

func (db sqliteDB) mapPage(page []byte) bool {
	for i := 0; i+5 <= db.usable; i += 5 {
		if page[i] > 5 {
			return false
		}
	}
	return true
}

// btree checks the header, the cell pointers and the free blocks of a b-tree
// page whose header begins at h.
func (db sqliteDB) btree(page []byte, h int) bool {
	kind := page[h]
	cells := int(binary.BigEndian.Uint16(page[h+3:]))
	content := int(binary.BigEndian.Uint16(page[h+5:]))
	if content == 0 {
		content = 65536
	}
	pointers := h + 8
	if kind == 2 || kind == 5 {
		pointers += 4
		if !db.inRange(binary.BigEndian.Uint32(page[h+8:])) {
			return false
		}
	}
	if content < pointers+2*cells || content > db.usable || page[h+7] > 60 {
		return false
	}
	for i := range cells {
		cell := int(binary.BigEndian.Uint16(page[pointers+2*i:]))
		if cell < content || cell > db.usable-4 {
			return false
		}
		if (kind == 2 || kind == 5) && !db.inRange(binary.BigEndian.Uint32(page[cell:])) {
			return false
		}
	}
	for free, last := int(binary.BigEndian.Uint16(page[h+1:])), 0; free != 0; {
		if free < content || free <= last || free > db.usable-4 {
			return false
		}
		size := int(binary.BigEndian.Uint16(page[free+2:]))
		if size < 4 || free+size > db.usable {
			return false
		}
		last, free = free+size-1, int(binary.BigEndian.Uint16(page[free:]))
	}
	return true
}

// inRange reports whether a page number can be a child in this database. A free
// page keeps what it held when the database may have been larger.
func (db sqliteDB) inRange(n uint32) bool {
	return n >= 2 && (db.pages == 0 || db.free || int64(n) <= db.pages)
}
