// Pion's peer connections, driven over standard input and output.
// In:  {id, op, ...arguments}   Out: {id, result} or {id, error}, and {event, connection, ...} at any time.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"github.com/pion/webrtc/v4"
)

// request is one operation with whichever arguments it has.
type request struct {
	ID            int
	Op            string
	Connection    int
	Channel       int
	Configuration struct{ ICEServers []webrtc.ICEServer }
	Description   webrtc.SessionDescription
	Candidate     *webrtc.ICECandidateInit
	Restart       bool
	Whole         bool
	Label         string
	Options       webrtc.DataChannelInit
	Message       message
	Count         int
	Total         int
	Size          int
}

type object = map[string]any

// peer is all connections and channels of this program.
type peer struct {
	lock        sync.Mutex
	connections map[int]*webrtc.PeerConnection
	channels    []*inbox
	out         *json.Encoder
}

func (p *peer) tell(message object) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if err := p.out.Encode(message); err != nil {
		os.Exit(1)
	}
}

func (p *peer) connection(number int) *webrtc.PeerConnection {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.connections[number]
}

func (p *peer) channel(number int) *inbox {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.channels[number]
}

func (p *peer) answer(r request) {
	result, err := p.perform(r)
	if err != nil {
		p.tell(object{"id": r.ID, "error": err.Error()})
	} else {
		p.tell(object{"id": r.ID, "result": result})
	}
}

func (p *peer) perform(r request) (any, error) {
	switch r.Op {
	case "open":
		return nil, p.open(r)
	case "create_channel", "offer", "answer", "accept", "candidate", "diagnosis", "close":
		return p.signal(p.connection(r.Connection), r)
	case "describe", "send", "take", "echo", "pour", "drain", "close_channel":
		return p.channel(r.Channel).perform(r)
	}
	return nil, fmt.Errorf("no operation %q", r.Op)
}

// inTurn says which operations of a connection are done one after another, in the order in which
// they came: its interface has no operations chain of its own, as that of browsers has.
var inTurn = map[string]bool{
	"create_channel": true, "offer": true, "answer": true, "accept": true, "candidate": true,
}

func main() {
	p := peer{connections: map[int]*webrtc.PeerConnection{}, out: json.NewEncoder(os.Stdout)}
	p.tell(object{"event": "ready", "agent": "Pion v4"})
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	last := map[int]chan struct{}{} // closed when the operation of a connection that came last is done
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			p.tell(object{"id": r.ID, "error": err.Error()})
			continue
		}
		if !inTurn[r.Op] {
			go p.answer(r)
			continue
		}
		before, done := last[r.Connection], make(chan struct{})
		last[r.Connection] = done
		go func() {
			if before != nil {
				<-before
			}
			p.answer(r)
			close(done)
		}()
	}
}
