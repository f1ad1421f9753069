package main

import (
	"fmt"

	"github.com/pion/webrtc/v4"
)

func (p *peer) open(r request) error {
	connection, err := webrtc.NewPeerConnection(webrtc.Configuration{ICEServers: r.Configuration.ICEServers})
	if err != nil {
		return err
	}
	p.lock.Lock()
	p.connections[r.Connection] = connection
	p.lock.Unlock()
	tell := func(message object) {
		message["connection"] = r.Connection
		p.tell(message)
	}
	connection.OnICECandidate(func(candidate *webrtc.ICECandidate) {
		if candidate == nil {
			tell(object{"event": "candidate", "candidate": nil})
		} else {
			tell(object{"event": "candidate", "candidate": candidate.ToJSON()})
		}
	})
	connection.OnDataChannel(func(channel *webrtc.DataChannel) {
		number := p.adopt(r.Connection, channel)
		tell(object{"event": "channel", "channel": number, "parameters": describe(channel)})
	})
	watch(connection, tell)
	return nil
}

func watch(connection *webrtc.PeerConnection, tell func(object)) {
	changed := func(field string, value fmt.Stringer) {
		tell(object{"event": "state", "field": field, "value": value.String()})
	}
	connection.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		changed("connectionState", state)
	})
	connection.OnICEConnectionStateChange(func(state webrtc.ICEConnectionState) {
		changed("iceConnectionState", state)
	})
	connection.OnICEGatheringStateChange(func(state webrtc.ICEGatheringState) {
		changed("iceGatheringState", state)
	})
	connection.OnSignalingStateChange(func(state webrtc.SignalingState) {
		changed("signalingState", state)
	})
}

// signal does one operation of a connection.
func (p *peer) signal(connection *webrtc.PeerConnection, r request) (any, error) {
	switch r.Op {
	case "create_channel":
		channel, err := connection.CreateDataChannel(r.Label, &r.Options)
		if err != nil {
			return nil, err
		}
		return p.adopt(r.Connection, channel), nil
	case "offer":
		offer, err := connection.CreateOffer(&webrtc.OfferOptions{ICERestart: r.Restart})
		if err != nil {
			return nil, err
		}
		return local(connection, offer, r.Whole)
	case "answer":
		if err := connection.SetRemoteDescription(r.Description); err != nil {
			return nil, err
		}
		answer, err := connection.CreateAnswer(nil)
		if err != nil {
			return nil, err
		}
		return local(connection, answer, r.Whole)
	case "accept":
		return nil, connection.SetRemoteDescription(r.Description)
	case "candidate":
		if r.Candidate == nil {
			return nil, connection.AddICECandidate(webrtc.ICECandidateInit{})
		}
		return nil, connection.AddICECandidate(*r.Candidate)
	case "close":
		return nil, connection.Close()
	}
	return diagnosis(connection), nil
}

func local(
	connection *webrtc.PeerConnection, description webrtc.SessionDescription, whole bool,
) (any, error) {
	gathered := webrtc.GatheringCompletePromise(connection)
	if err := connection.SetLocalDescription(description); err != nil {
		return nil, err
	}
	if whole {
		<-gathered
	}
	return connection.LocalDescription(), nil
}

func diagnosis(connection *webrtc.PeerConnection) object {
	sdp := func(description *webrtc.SessionDescription) any {
		if description == nil {
			return nil
		}
		return description.SDP
	}
	return object{
		"states": []string{
			connection.ConnectionState().String(), connection.ICEConnectionState().String(),
			connection.ICEGatheringState().String(), connection.SignalingState().String(),
		},
		"local":  sdp(connection.LocalDescription()),
		"remote": sdp(connection.RemoteDescription()),
	}
}
