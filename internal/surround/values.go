package surround

import "github.com/olympiades-ia/olymp-cache/internal/surround/scene"

// The values live in package scene, which knows no program and no socket, so that rules and reports may know them. Here
// they go by their own names.

type (
	// Answer is scene.Answer.
	Answer = scene.Answer
	// AnswerKind is scene.AnswerKind.
	AnswerKind = scene.AnswerKind
	// ComposeLabels is scene.ComposeLabels.
	ComposeLabels = scene.ComposeLabels
	// Container is scene.Container.
	Container = scene.Container
	// Docker is scene.Docker.
	Docker = scene.Docker
	// DockerClient is scene.DockerClient.
	DockerClient = scene.DockerClient
	// DockerNetwork is scene.DockerNetwork.
	DockerNetwork = scene.DockerNetwork
	// EnvFile is scene.EnvFile.
	EnvFile = scene.EnvFile
	// Fact is scene.Fact.
	Fact[T any] = scene.Fact[T]
	// Memory is scene.Memory.
	Memory = scene.Memory
	// OwnContainer is scene.OwnContainer.
	OwnContainer = scene.OwnContainer
	// Platform is scene.Platform.
	Platform = scene.Platform
	// Program is scene.Program.
	Program = scene.Program
	// PublishedPort is scene.PublishedPort.
	PublishedPort = scene.PublishedPort
	// Socket is scene.Socket.
	Socket = scene.Socket
	// Status is scene.Status.
	Status = scene.Status
	// Surroundings is scene.Surroundings.
	Surroundings = scene.Surroundings
	// Unit is scene.Unit.
	Unit = scene.Unit
	// WSL is scene.WSL.
	WSL = scene.WSL
)

// Pong and its like are their words.
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
