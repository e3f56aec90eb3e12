package transport

import (
	"errors"
	"io/fs"
	"net"
	"syscall"
)

func setBacklog(syscall.RawConn, int) error { return errors.ErrUnsupported }

func limitMode(fs.FileMode) control { return nil }

func setMode(string, fs.FileMode) error { return errors.ErrUnsupported }

func setTOS(*net.TCPConn, int) error { return errors.ErrUnsupported }
