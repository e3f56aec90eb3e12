//go:build !lockorder

package locks

import "sync"

// Mutex is a lock of class C.
type Mutex[C Class] struct{ sync.Mutex }

// Free says that the caller is about to write to the kernel or to call the
// application, which must not be done with a lock of a Socket, a FanOut or an Outbox.
func Free(string) {}
