package inflate

// fixed sets up the codes of block type 1.
func (t *tables) fixed() {
	if t.isFixed {
		return
	}
	for i := range 288 {
		switch {
		case i < 144:
			t.lens[i] = 8
		case i < 256:
			t.lens[i] = 9
		case i < 280:
			t.lens[i] = 7
		default:
			t.lens[i] = 8
		}
	}
	for i := range 32 {
		t.lens[288+i] = 5
	}
	build(t.lit[:], litBits, t.lens[:288], litPlain[:], false)
	build(t.dist[:], distBits, t.lens[288:320], distPlain[:], true)
	t.isFixed = true
}

var preOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// read reads the code lengths of block type 2 and sets up its codes.
func (t *tables) read(r *bitReader) error {
	t.isFixed = false
	head, ok := r.take(14)
	if !ok {
		return ErrTruncated
	}
	nlit, ndist, npre := int(head&31)+257, int(head>>5&31)+1, int(head>>10)+4
	if nlit > 286 || ndist > 30 {
		return ErrCorrupt
	}
	var preLens [19]uint8
	for _, i := range preOrder[:npre] {
		n, ok := r.take(3)
		if !ok {
			return ErrTruncated
		}
		preLens[i] = uint8(n)
	}
	if !build(t.pre[:], 7, preLens[:], prePlain[:], false) {
		return ErrCorrupt
	}
	lens := t.lens[:nlit+ndist]
	for i := 0; i < len(lens); {
		r.fill()
		entry := t.pre[r.bits&127]
		if entry&isSpecial != 0 {
			return ErrCorrupt
		}
		if _, ok := r.take(uint(entry & 0xff)); !ok {
			return ErrTruncated
		}
		sym := uint8(entry >> 16)
		if sym < 16 {
			lens[i] = sym
			i++
			continue
		}
		extra, base, value := uint(2), 3, uint8(0)
		switch sym {
		case 16:
			if i == 0 {
				return ErrCorrupt
			}
			value = lens[i-1]
		case 17:
			extra = 3
		case 18:
			extra, base = 7, 11
		}
		more, ok := r.take(extra)
		if !ok {
			return ErrTruncated
		}
		n := base + int(more)
		if i+n > len(lens) {
			return ErrCorrupt
		}
		for range n {
			lens[i] = value
			i++
		}
	}
	if lens[256] == 0 {
		return ErrCorrupt // a block that cannot end
	}
	if !build(t.lit[:], litBits, lens[:nlit], litPlain[:], false) ||
		!build(t.dist[:], distBits, lens[nlit:], distPlain[:], true) {
		return ErrCorrupt
	}
	return nil
}
