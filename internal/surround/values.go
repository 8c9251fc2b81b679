package surround

import "github.com/olympiades-ia/olymp-cache/internal/surround/scene"

// The values live in package scene, which knows no program and no socket, so that rules and reports may know them.
type (
	Answer        = scene.Answer
	AnswerKind    = scene.AnswerKind
	ComposeLabels = scene.ComposeLabels
	Container     = scene.Container
	Docker        = scene.Docker
	DockerClient  = scene.DockerClient
	DockerNetwork = scene.DockerNetwork
	EnvFile       = scene.EnvFile
	Fact[T any]   = scene.Fact[T]
	Memory        = scene.Memory
	OwnContainer  = scene.OwnContainer
	Platform      = scene.Platform
	Program       = scene.Program
	PublishedPort = scene.PublishedPort
	Socket        = scene.Socket
	Status        = scene.Status
	Surroundings  = scene.Surroundings
	Unit          = scene.Unit
	WSL           = scene.WSL
)

// Their words.
const (
	AnswerPong        = scene.AnswerPong
	AnswerAuth        = scene.AnswerAuth
	AnswerDenied      = scene.AnswerDenied
	AnswerError       = scene.AnswerError
	AnswerTLS         = scene.AnswerTLS
	AnswerSilent      = scene.AnswerSilent
	AnswerClosed      = scene.AnswerClosed
	AnswerOther       = scene.AnswerOther
	AnswerRefused     = scene.AnswerRefused
	AnswerTimeout     = scene.AnswerTimeout
	AnswerUnreachable = scene.AnswerUnreachable
	NotAsked          = scene.NotAsked
	OK                = scene.OK
	Missing           = scene.Missing
	Denied            = scene.Denied
	Failed            = scene.Failed
	TimedOut          = scene.TimedOut
)
