package main

import (
	"sync/atomic"

	"github.com/pion/webrtc/v4"
)

const (
	high = 2 << 20
	low  = 1 << 20
)

type listener = func(webrtc.DataChannelMessage)

// link is a peer connection with one data channel.
type link struct {
	connection *webrtc.PeerConnection
	channel    *webrtc.DataChannel
	opened     chan struct{}
	low        chan struct{} // one signal at most: few bytes are buffered
	listener   atomic.Pointer[listener]
}

func newLink() (*link, error) {
	connection, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	made := &link{connection: connection, opened: make(chan struct{}), low: make(chan struct{}, 1)}
	connection.OnDataChannel(made.adopt)
	return made, nil
}

// offer makes the channel and gives the offer with its candidates.
func (l *link) offer() (any, error) {
	channel, err := l.connection.CreateDataChannel("bench", nil)
	if err != nil {
		return nil, err
	}
	l.adopt(channel)
	description, err := l.connection.CreateOffer(nil)
	if err != nil {
		return nil, err
	}
	return l.local(description)
}

// answer gives the answer with its candidates.
func (l *link) answer(offer webrtc.SessionDescription) (any, error) {
	if err := l.connection.SetRemoteDescription(offer); err != nil {
		return nil, err
	}
	description, err := l.connection.CreateAnswer(nil)
	if err != nil {
		return nil, err
	}
	return l.local(description)
}

func (l *link) local(description webrtc.SessionDescription) (any, error) {
	gathered := webrtc.GatheringCompletePromise(l.connection)
	if err := l.connection.SetLocalDescription(description); err != nil {
		return nil, err
	}
	<-gathered
	return l.connection.LocalDescription(), nil
}

// listen gives every message to `next`, and to nobody else.
func (l *link) listen(next listener) {
	l.listener.Store(&next)
}

// send returns a message.
func (l *link) send(message webrtc.DataChannelMessage) {
	if message.IsString {
		check(l.channel.SendText(string(message.Data)))
	} else {
		check(l.channel.Send(message.Data))
	}
}

func (l *link) adopt(channel *webrtc.DataChannel) {
	l.channel = channel
	channel.SetBufferedAmountLowThreshold(low)
	channel.OnBufferedAmountLow(func() {
		select {
		case l.low <- struct{}{}:
		default:
		}
	})
	channel.OnMessage(func(message webrtc.DataChannelMessage) {
		if next := l.listener.Load(); next != nil {
			(*next)(message)
		}
	})
	channel.OnOpen(func() { close(l.opened) })
}
