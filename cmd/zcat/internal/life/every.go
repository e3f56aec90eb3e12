package life

import "time"

// Every calls report every so often, until finish is called; never where that is 0.
func Every(period time.Duration, report func()) (finish func()) {
	if period == 0 {
		return func() {}
	}
	ticker, over := time.NewTicker(period), make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				report()
			case <-over:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(over)
	}
}
