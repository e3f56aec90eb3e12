package transport

import (
	"errors"
	"os"
)

func takeFD(int) (*os.File, error) {
	return nil, errors.New("this system hands down no descriptors")
}
