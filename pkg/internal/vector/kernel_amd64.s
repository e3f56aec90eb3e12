//go:build amd64 && !purego

// SSE2 only, which every amd64 has.

#include "textflag.h"

#define CONSTANT(name, word) \
	DATA name<>+0(SB)/8, $word \
	DATA name<>+8(SB)/8, $word \
	GLOBL name<>(SB), RODATA|NOPTR, $16

CONSTANT(low, 0x0f0f0f0f0f0f0f0f)
CONSTANT(nine, 0x0909090909090909)
CONSTANT(five, 0x0505050505050505)
CONSTANT(ten, 0x0a0a0a0a0a0a0a0a)
CONSTANT(zero, 0x3030303030303030)
CONSTANT(letter, 0x6161616161616161)
CONSTANT(lower, 0x2020202020202020)
CONSTANT(gap, 0x2727272727272727) // from behind 9 to a
CONSTANT(even, 0x00ff00ff00ff00ff)

// func copySSE2(dst, src *byte, n int, s *Stops) int
TEXT ·copySSE2(SB), NOSPLIT, $0-40
	MOVQ  dst+0(FP), DI
	MOVQ  src+8(FP), SI
	MOVQ  n+16(FP), CX
	MOVQ  s+24(FP), DX
	MOVOU 0(DX), X5
	MOVOU 16(DX), X6
	MOVOU 32(DX), X7
	XORQ  AX, AX
	SUBQ  $16, CX       // where the last block begins

copy:
	MOVOU    (SI)(AX*1), X0
	MOVOU    X0, (DI)(AX*1)
	MOVO     X5, X1
	MOVO     X0, X2
	PCMPGTB  X0, X1
	PCMPEQB  X6, X2
	PCMPEQB  X7, X0
	POR      X2, X1
	POR      X0, X1
	PMOVMSKB X1, BX
	TESTL    BX, BX
	JNE      stop
	ADDQ     $16, AX
	CMPQ     AX, CX
	JLE      copy
	LEAQ     16(CX), BX
	CMPQ     AX, BX
	JEQ      copied
	MOVQ     CX, AX
	JMP      copy

stop:
	BSFL BX, BX
	ADDQ BX, AX

copied:
	MOVQ AX, ret+32(FP)
	RET

// DIGITS makes digits of the nibbles in x; t is changed.
#define DIGITS(x, t) \
	MOVO    x, t     \
	PCMPGTB X8, t    \
	PAND    X9, t    \
	PADDB   X10, x   \
	PADDB   t, x

// func encodeSSE2(dst, src *byte, n int)
// n is at least 8.
TEXT ·encodeSSE2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	MOVO low<>(SB), X7
	MOVO nine<>(SB), X8
	MOVO gap<>(SB), X9
	MOVO zero<>(SB), X10
	XORQ AX, AX
	CMPQ CX, $16
	JLT  half
	SUBQ $16, CX

encode:
	MOVOU     (SI)(AX*1), X0
	MOVO      X0, X1
	PSRLW     $4, X1
	PAND      X7, X0
	PAND      X7, X1
	MOVO      X1, X2
	PUNPCKLBW X0, X1
	PUNPCKHBW X0, X2
	DIGITS(X1, X3)
	DIGITS(X2, X4)
	MOVOU     X1, (DI)(AX*2)
	MOVOU     X2, 16(DI)(AX*2)
	ADDQ      $16, AX
	CMPQ      AX, CX
	JLE       encode
	LEAQ      16(CX), BX
	CMPQ      AX, BX
	JEQ       encoded
	MOVQ      CX, AX
	JMP       encode

half:
	SUBQ $8, CX

eight:
	MOVQ      (SI)(AX*1), X0
	MOVO      X0, X1
	PSRLW     $4, X1
	PAND      X7, X0
	PAND      X7, X1
	PUNPCKLBW X0, X1
	DIGITS(X1, X3)
	MOVOU     X1, (DI)(AX*2)
	CMPQ      AX, CX
	JEQ       encoded
	MOVQ      CX, AX
	JMP       eight

encoded:
	RET

// func decodeSSE2(dst, src *byte, pairs int) int
// pairs is at least 8.
TEXT ·decodeSSE2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ pairs+16(FP), CX
	MOVO zero<>(SB), X7
	MOVO nine<>(SB), X8
	MOVO lower<>(SB), X9
	MOVO letter<>(SB), X10
	MOVO five<>(SB), X11
	MOVO ten<>(SB), X12
	MOVO even<>(SB), X13
	XORQ AX, AX
	SUBQ $8, CX

decode:
	MOVOU    (SI)(AX*2), X1
	MOVO     X1, X3
	PSUBB    X7, X1           // what a digit stands for
	MOVO     X1, X2
	PMINUB   X8, X2
	PCMPEQB  X1, X2           // it is one
	POR      X9, X3
	PSUBB    X10, X3
	MOVO     X3, X4
	PMINUB   X11, X4
	PCMPEQB  X3, X4           // it is a letter
	PADDB    X12, X3
	PAND     X2, X1
	PAND     X4, X3
	POR      X3, X1
	POR      X4, X2
	PMOVMSKB X2, BX
	MOVO     X1, X3           // of a pair, the first stands lower
	PSLLW    $4, X3
	PSRLW    $8, X1
	POR      X1, X3
	PAND     X13, X3
	PACKUSWB X3, X3
	MOVQ     X3, (DI)(AX*1)
	XORL     $0xffff, BX
	JNE      bad
	ADDQ     $8, AX
	CMPQ     AX, CX
	JLE      decode
	LEAQ     8(CX), BX
	CMPQ     AX, BX
	JEQ      decoded
	MOVQ     CX, AX
	JMP      decode

bad:
	BSFL BX, BX
	SHRQ $1, BX
	ADDQ BX, AX

decoded:
	MOVQ AX, ret+24(FP)
	RET
