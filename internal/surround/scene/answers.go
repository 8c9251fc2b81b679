package scene

// AnswerKind sorts an answer by its first bytes.
type AnswerKind string

// The kinds.
const (
	AnswerPong        AnswerKind = "pong"          // +PONG: Redis or a Sentinel, no password asked
	AnswerAuth        AnswerKind = "auth-required" // -NOAUTH
	AnswerDenied      AnswerKind = "denied"        // -DENIED: protected mode
	AnswerError       AnswerKind = "error"         // another error reply, such as -LOADING
	AnswerTLS         AnswerKind = "tls"           // a TLS server
	AnswerSilent      AnswerKind = "silent"        // accepted, then nothing
	AnswerClosed      AnswerKind = "closed"        // accepted and closed without a byte, and no TLS server
	AnswerOther       AnswerKind = "other"         // another protocol
	AnswerRefused     AnswerKind = "refused"       // nothing listens
	AnswerTimeout     AnswerKind = "timeout"       // the connection was not accepted in time
	AnswerUnreachable AnswerKind = "unreachable"   // no such address here: IPv6 is off
)

// Answer is what one port of this machine says.
type Answer struct {
	Address string     `json:"address"` // "127.0.0.1" or "::1"
	Port    int        `json:"port"`
	Kind    AnswerKind `json:"kind"`
	Text    string     `json:"text,omitempty"` // the first line that came back, clean
}
