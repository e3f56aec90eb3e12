#include "textflag.h"

// func entry()
TEXT ·entry(SB), NOSPLIT|NOFRAME, $0
	XORL BX, BX
	MOVL $2, R12

next:
	MOVL $72, AX // fcntl
	MOVL R12, DI
	MOVL $1, SI  // F_GETFD
	XORL DX, DX
	SYSCALL
	SHLL $1, BX
	CMPQ AX, $-9 // EBADF
	JNE  open
	ORL  $1, BX

open:
	SUBL $1, R12
	JPL  next
	MOVB BX, ·closedAtStart(SB)
	JMP  _rt0_amd64_linux(SB)
