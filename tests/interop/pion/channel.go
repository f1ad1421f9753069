package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"

	"github.com/pion/webrtc/v4"
)

const ahead = 1 << 20 // bytes buffered at most while pouring

// message is a text or bytes, as it crosses the link: encoding/json writes bytes in base64.
type message struct {
	Text   *string
	Base64 []byte
}

func (m message) MarshalJSON() ([]byte, error) {
	if m.Text != nil {
		return json.Marshal(object{"text": *m.Text})
	}
	return json.Marshal(object{"base64": m.Base64})
}

// inbox is a data channel and the messages that nobody has asked for yet.
type inbox struct {
	channel *webrtc.DataChannel
	low     chan struct{} // one signal at most: few bytes are buffered
	lock    sync.Mutex
	arrived *sync.Cond
	waiting []message
	echoes  bool
}

// adopt makes the events of a channel known; gives its number.
func (p *peer) adopt(connection int, channel *webrtc.DataChannel) int {
	made := &inbox{channel: channel, low: make(chan struct{}, 1)}
	made.arrived = sync.NewCond(&made.lock)
	p.lock.Lock()
	number := len(p.channels)
	p.channels = append(p.channels, made)
	p.lock.Unlock()
	tell := func(name string) func() {
		return func() { p.tell(object{"event": name, "connection": connection, "channel": number}) }
	}
	channel.SetBufferedAmountLowThreshold(ahead / 2)
	channel.OnBufferedAmountLow(func() {
		select {
		case made.low <- struct{}{}:
		default:
		}
	})
	channel.OnMessage(made.receive)
	channel.OnOpen(tell("open"))
	channel.OnClose(tell("close"))
	return number
}

func describe(channel *webrtc.DataChannel) object {
	return object{
		"label": channel.Label(), "protocol": channel.Protocol(), "ordered": channel.Ordered(),
		"maxRetransmits": channel.MaxRetransmits(), "maxPacketLifeTime": channel.MaxPacketLifeTime(),
		"negotiated": channel.Negotiated(), "id": channel.ID(),
		"readyState": channel.ReadyState().String(),
	}
}

func (b *inbox) receive(arrived webrtc.DataChannelMessage) {
	found := message{Base64: arrived.Data}
	if arrived.IsString {
		text := string(arrived.Data)
		found = message{Text: &text}
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.echoes {
		_ = b.send(found) // the channel may be closing
		return
	}
	b.waiting = append(b.waiting, found)
	b.arrived.Signal()
}

func (b *inbox) next() message {
	b.lock.Lock()
	defer b.lock.Unlock()
	for len(b.waiting) == 0 {
		b.arrived.Wait()
	}
	first := b.waiting[0]
	b.waiting = b.waiting[1:]
	return first
}

func (b *inbox) send(m message) error {
	if m.Text != nil {
		return b.channel.SendText(*m.Text)
	}
	return b.channel.Send(m.Base64)
}

// perform does one operation of a channel.
func (b *inbox) perform(r request) (any, error) {
	switch r.Op {
	case "describe":
		return describe(b.channel), nil
	case "send":
		return nil, b.send(r.Message)
	case "take":
		messages := make([]message, 0, r.Count)
		for range r.Count {
			messages = append(messages, b.next())
		}
		return messages, nil
	case "echo":
		b.lock.Lock()
		defer b.lock.Unlock()
		b.echoes = true
		return nil, nil
	case "pour":
		return b.pour(r.Total, r.Size)
	case "drain":
		return b.drain(r.Total), nil
	}
	return nil, b.channel.Close()
}

// pour sends random bytes in messages of a size; gives their SHA-256.
func (b *inbox) pour(total, size int) (any, error) {
	data := make([]byte, total)
	if _, err := rand.Read(data); err != nil {
		return nil, err
	}
	for at := 0; at < total; at += size {
		for b.channel.BufferedAmount() > ahead {
			<-b.low
		}
		if err := b.channel.Send(data[at:min(total, at+size)]); err != nil {
			return nil, err
		}
	}
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:]), nil
}

// drain receives so many bytes; gives their SHA-256.
func (b *inbox) drain(total int) string {
	digest := sha256.New()
	for received := 0; received < total; {
		data := b.next().Base64
		received += len(data)
		digest.Write(data)
	}
	return hex.EncodeToString(digest.Sum(nil))
}
