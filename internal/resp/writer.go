package resp

import "strconv"

// Command appends one command to buf, its arguments as they are: names are bytes.
func Command[T string | []byte](buf []byte, args ...T) []byte {
	buf = Head(buf, len(args))
	for _, a := range args {
		buf = Argument(buf, a)
	}
	return buf
}

// Head appends the head of a command of n arguments, its name included, which Argument then appends.
func Head(buf []byte, n int) []byte {
	buf = append(buf, '*')
	buf = strconv.AppendInt(buf, int64(n), 10)
	return append(buf, '\r', '\n')
}

// Argument appends one argument.
func Argument[T string | []byte](buf []byte, a T) []byte {
	buf = append(buf, '$')
	buf = strconv.AppendInt(buf, int64(len(a)), 10)
	buf = append(buf, '\r', '\n')
	buf = append(buf, a...)
	return append(buf, '\r', '\n')
}
