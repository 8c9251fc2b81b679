package profile

// Sample is what random pages of a keyspace held. A page is a few neighbours of a random place; the keys of one may be alike, so that
// the spread between pages, and not between keys, tells how sure the numbers are (cluster sampling; Cochran, Sampling
// Techniques, 1977, chapter 9A). Each server is a stratum of its own.
type Sample struct {
	builder *Builder
	met     []observation
	names   []byte
	strata  []stratum
	all     int64 // keys met, those left out included
}

// observation is one key that was met.
type observation struct {
	stratum, page int
	start, end    int // its name in Sample.names
	kind          string
	bytes, ttl    int64
}

// stratum is one server.
type stratum struct {
	keys  float64 // that it holds and that are alive
	stale float64 // that it holds and that have expired, which a scan does not meet
	pages []int   // how many keys each page met, those left out included
}

// metOn is how many keys a page met; there is none before the first.
func (s stratum) metOn(page int) float64 {
	if page < 0 {
		return 0
	}
	return float64(s.pages[page])
}

// NewSample starts with nothing.
func NewSample(o Options) *Sample { return &Sample{builder: NewBuilder(o)} }

// Stratum adds a server that holds so many keys, as DBSIZE counts them, of which so many have probably expired and are still to be
// reclaimed; it gives its number.
func (s *Sample) Stratum(keys int64, stale float64) int {
	stale = min(max(stale, 0), float64(keys))
	s.strata = append(s.strata, stratum{keys: float64(keys) - stale, stale: stale})
	return len(s.strata) - 1
}

// staleDoubt is the standard error of what a server says of its expired keys, as a share of their number: it is a running average.
const staleDoubt = 0.3

// Page adds one more page of a server: how many keys it met, and those among them that are meant.
func (s *Sample) Page(of, met int, keys []Record) {
	page := len(s.strata[of].pages)
	s.strata[of].pages = append(s.strata[of].pages, met)
	s.all += int64(met)
	for _, r := range keys {
		s.builder.Add(r)
		start := len(s.names)
		s.names = append(s.names, r.Name...)
		s.met = append(s.met, observation{of, page, start, len(s.names), r.Type, r.Bytes, r.TTL})
	}
}

// Seen is the number of keys that are meant among those met.
func (s *Sample) Seen() int64 { return s.builder.Keys() }

// measures are what is estimated of each row.
const (
	keysMeasure = iota
	bytesMeasure
	noTTLMeasure // keys that never expire
	measures
)

// sums of one row in one stratum, for each measure.
type sums struct {
	now                [measures]float64 // in the page that is being added up
	x, squares, byKeys [measures]float64 // over all pages: Σx, Σx², Σx·n
	largest            [measures]float64 // of one key
}

// estimated is a row while it is being estimated, over all strata.
type estimated struct {
	row                      *Row
	value, variance, largest [measures]float64
}

// Profile estimates the whole. used is how many bytes the servers use for keys, all databases together, as far as they say; 0
// where they do not. Nothing can be added afterwards.
func (s *Sample) Profile(used float64) *Profile {
	p := s.builder.counted()
	p.Sampled = true
	rows, of := s.rows(p)
	var total, doubt, most float64
	for h, stratum := range s.strata {
		s.estimate(h, rows, of)
		total += stratum.keys
		doubt += stratum.stale * z95 * staleDoubt
		most += stratum.keys + stratum.stale
	}
	for i := range rows {
		rows[i].settle(total)
	}
	if s.Seen() == s.all {
		p.Total.Keys = Estimate{total, max(total-doubt, 0), min(total+doubt, most)}
	} else {
		used = 0 // it is of all keys, not of those that are meant
	}
	if used-p.Total.Bytes.High > slack*used {
		p.Unmet = used - p.Total.Bytes.Value
		p.Total.Bytes.High = used
	}
	p.order()
	return p
}

// slack is how much of its memory a server may use without MEMORY USAGE counting it for a key: what the allocator rounds up, the
// tables of keys, what is kept for clients.
const slack = 0.25

// rows lists all rows of a profile; of tells in which of them an observation counts.
func (s *Sample) rows(p *Profile) (rows []estimated, of func(observation) []int) {
	rows = []estimated{{row: &p.Total}}
	add := func(more []Row) (at int, places map[string]int) {
		at, places = len(rows), map[string]int{}
		for i := range more {
			places[more[i].Name] = len(rows)
			rows = append(rows, estimated{row: &more[i]})
		}
		return at, places
	}
	families, _ := add(p.Families)
	_, types := add(p.Types)
	_, ttls := add(p.TTLs)
	_, sizes := add(p.Sizes)
	band := func(bands []Band, v int64) string {
		if i := bandOf(bands, v); i >= 0 {
			return bands[i].ID
		}
		return UnknownBand
	}
	var places [5]int
	return rows, func(o observation) []int {
		family := s.builder.families.leaf(string(s.names[o.start:o.end]))
		kind, known := types[o.kind]
		if !known {
			kind = types[UnknownBand]
		}
		places = [5]int{0, families + family.row, kind, ttls[band(TTLBands, o.ttl)], sizes[band(SizeBands, o.bytes)]}
		return places[:]
	}
}

// estimate adds one stratum to the rows: what it holds, the ratio of a measure to the keys met being that of the whole.
func (s *Sample) estimate(h int, rows []estimated, of func(observation) []int) {
	all := make([]sums, len(rows))
	touched := map[int]bool{}
	var n, nn float64 // keys met, and Σn² over pages
	turn := func(page float64) {
		for i := range touched {
			t := &all[i]
			for k, x := range t.now {
				t.x[k] += x
				t.squares[k] += x * x
				t.byKeys[k] += x * page
			}
			t.now = [measures]float64{}
		}
		clear(touched)
		n += page
		nn += page * page
	}
	page := -1
	for _, o := range s.met {
		if o.stratum != h {
			continue
		}
		for ; page < o.page; page++ {
			turn(s.strata[h].metOn(page))
		}
		for _, i := range of(o) {
			touched[i] = true
			for k, x := range o.measured() {
				all[i].now[k] += x
				all[i].largest[k] = max(all[i].largest[k], x)
			}
		}
	}
	for ; page < len(s.strata[h].pages); page++ {
		turn(s.strata[h].metOn(page))
	}
	m := float64(len(s.strata[h].pages))
	if n == 0 {
		return
	}
	weight := s.strata[h].keys / n // keys that one key met stands for
	// What is said of the whole is as doubtful as the number of its keys.
	doubt := 0.0
	if s.strata[h].keys > 0 {
		doubt = staleDoubt * s.strata[h].stale / s.strata[h].keys
	}
	for i := range rows {
		for k := range measures {
			t := &all[i]
			ratio := t.x[k] / n
			spread := t.squares[k] - 2*ratio*t.byKeys[k] + ratio*ratio*nn
			value := weight * t.x[k]
			rows[i].value[k] += value
			rows[i].variance[k] += weight*weight*max(spread, 0)*m/max(m-1, 1) + value*value*doubt*doubt
			rows[i].largest[k] = max(rows[i].largest[k], weight*t.largest[k])
		}
	}
}

// measured is what a key counts for in each measure.
func (o observation) measured() [measures]float64 {
	x := [measures]float64{keysMeasure: 1, bytesMeasure: max(float64(o.bytes), 0)}
	if o.ttl == NoExpiry {
		x[noTTLMeasure] = 1
	}
	return x
}

// settle writes the intervals. What is counted of all keys is bounded from both sides: a family that nearly all keys met belong to
// is short by those that were not met of the others.
func (e *estimated) settle(total float64) {
	var all [measures]Estimate
	for k := range all {
		all[k] = interval(e.value[k], e.variance[k], e.largest[k])
	}
	for _, k := range []int{keysMeasure, noTTLMeasure} {
		others := interval(total-e.value[k], e.variance[k], e.largest[keysMeasure])
		all[k].Low = max(min(all[k].Low, total-others.High), 0)
		all[k].High = min(all[k].High, total)
	}
	if keys := all[keysMeasure]; keys.Value > 0 {
		bytes := &all[bytesMeasure]
		bytes.Low = min(bytes.Low, bytes.Value*keys.Low/keys.Value)
	}
	e.row.Keys, e.row.Bytes, e.row.NoTTL = all[keysMeasure], all[bytesMeasure], all[noTTLMeasure]
}
