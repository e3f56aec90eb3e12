package sockets

import (
	"context"
	"math/rand/v2"
	"time"
)

// When a dialer tries again.

// vigilKey returns the key of the endpoint's vigil, zero where it has none.
func (d *dialer) vigilKey() vigilKey {
	o := &d.socket.opts
	if !o.ReconnectEarly || o.Proxy != "" || !d.endpoint.Near() {
		return vigilKey{}
	}
	return vigilKey{endpoint: d.text, device: o.settings().Device, least: o.ReconnectMin, most: o.ReconnectMax}
}

// gap returns the pause after an attempt that took some time and sets wait for the
// next one; met says that there was a connection whose handshake succeeded.
func (d *dialer) gap(wait *time.Duration, took time.Duration, met bool) time.Duration {
	if (d.nobody || met && took >= earlyLife) && d.absent.key != (vigilKey{}) {
		d.absent.begin(time.Now())
		return d.absentGap(wait)
	}
	d.absent.end()
	if met {
		took = 0
	}
	return d.nextGap(wait, took)
}

// absentGap is gap for a dialer that takes part in a vigil.
func (d *dialer) absentGap(wait *time.Duration) time.Duration {
	if gap, early := d.absent.pause(time.Now()); early {
		return gap
	}
	return d.nextGap(wait, 0)
}

// nextGap is gap by the options.
func (d *dialer) nextGap(wait *time.Duration, took time.Duration) time.Duration {
	o := &d.socket.opts
	gap := o.gap(*wait, took)
	*wait = min(2**wait, o.ReconnectMax)
	return gap
}

// pause waits for gap, until bind is closed, or until another dialer got in, and reports
// whether d's life is not over.
func (d *dialer) pause(gap time.Duration, wait *time.Duration, bind <-chan struct{}) bool {
	if d.absent.vigil != nil {
		return d.absent.await(d.ctx, gap, func() time.Duration { return d.absentGap(wait) })
	}
	return pauseUntil(d.ctx, gap, bind)
}

// gap draws the pause after an attempt to connect that took some time: from wait to
// twice that, or from half of the longest pause to the whole. Jitter at every
// pause, the longest too, keeps a thousand clients from coming back all at once;
// where the shortest pause is the longest, as much again is for jitter, as in
// libzmq. An attempt that nobody answered was itself a pause.
func (o *Options) gap(wait, took time.Duration) time.Duration {
	longest := o.ReconnectMax
	if longest == o.ReconnectMin {
		longest = 2 * o.ReconnectMin
	}
	return max(
		between(max(o.ReconnectMin, min(wait, longest/2)), min(2*wait, longest))-took,
		between(o.ReconnectMin, min(2*o.ReconnectMin, longest)),
	)
}

// between draws a time from least to most.
func between(least, most time.Duration) time.Duration { return least + rand.N(most-least+1) }

// pause waits for d and reports whether the socket still lives.
func (s *Socket) pause(d time.Duration) bool { return pauseUntil(s.ctx, d, nil) }

// pauseUntil waits for d, or until awaited is closed, and reports whether ctx is
// not done.
func pauseUntil(ctx context.Context, d time.Duration, awaited <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-awaited:
		return true
	case <-ctx.Done():
		return false
	}
}
