//go:build amd64 && !purego

// Salsa20 for eight blocks at a time: a register has the same word of each block.
//
// Both kernels do the same. The first one has a register less than it needs for the 16
// words and two that are being made, so that words 3 and 7 share theirs with words 12
// and 13; the second one has registers enough and an instruction that rotates.

#include "textflag.h"

// STEP2 is b ^= (a + d) <<< n.
#define STEP2(a, d, b, n) \
	VPADDD a, d, Y14         \
	VPSLLD $n, Y14, Y15      \
	VPSRLD $(32-n), Y14, Y14 \
	VPXOR  Y15, b, b         \
	VPXOR  Y14, b, b

#define QUARTER2(a, b, c, d) \
	STEP2(a, d, b, 7)  \
	STEP2(b, a, c, 9)  \
	STEP2(c, b, d, 13) \
	STEP2(d, c, a, 18)

// ADD2 adds the word that each block began with, or the row of words.
#define ADD2(at, word) \
	VPBROADCASTD at(SI), Y14 \
	VPADDD       Y14, word, word

#define ADDROW2(at, word) \
	VPADDD at(DX), word, word

// OUT2 writes eight words, Y0 to Y7, of each block, half of it, at the offset at.
#define OUT2(at) \
	VPUNPCKLDQ Y1, Y0, Y8             \
	VPUNPCKHDQ Y1, Y0, Y9             \
	VPUNPCKLDQ Y3, Y2, Y10            \
	VPUNPCKHDQ Y3, Y2, Y11            \
	VPUNPCKLDQ Y5, Y4, Y12            \
	VPUNPCKHDQ Y5, Y4, Y13            \
	VPUNPCKLDQ Y7, Y6, Y14            \
	VPUNPCKHDQ Y7, Y6, Y15            \
	VPUNPCKLQDQ Y10, Y8, Y0           \
	VPUNPCKHQDQ Y10, Y8, Y1           \
	VPUNPCKLQDQ Y11, Y9, Y2           \
	VPUNPCKHQDQ Y11, Y9, Y3           \
	VPUNPCKLQDQ Y14, Y12, Y4          \
	VPUNPCKHQDQ Y14, Y12, Y5          \
	VPUNPCKLQDQ Y15, Y13, Y6          \
	VPUNPCKHQDQ Y15, Y13, Y7          \
	VPERM2I128 $0x20, Y4, Y0, Y8      \
	VPERM2I128 $0x20, Y5, Y1, Y9      \
	VPERM2I128 $0x20, Y6, Y2, Y10     \
	VPERM2I128 $0x20, Y7, Y3, Y11     \
	VPERM2I128 $0x31, Y4, Y0, Y12     \
	VPERM2I128 $0x31, Y5, Y1, Y13     \
	VPERM2I128 $0x31, Y6, Y2, Y14     \
	VPERM2I128 $0x31, Y7, Y3, Y15     \
	VMOVDQU Y8, (at+0*64)(DI)         \
	VMOVDQU Y9, (at+1*64)(DI)         \
	VMOVDQU Y10, (at+2*64)(DI)        \
	VMOVDQU Y11, (at+3*64)(DI)        \
	VMOVDQU Y12, (at+4*64)(DI)        \
	VMOVDQU Y13, (at+5*64)(DI)        \
	VMOVDQU Y14, (at+6*64)(DI)        \
	VMOVDQU Y15, (at+7*64)(DI)

// func blocksAVX2(out *keystream, words *[16]uint32, lanes *lanes)
TEXT ·blocksAVX2(SB), NOSPLIT, $320-24
	MOVQ out+0(FP), DI
	MOVQ words+8(FP), SI
	MOVQ lanes+16(FP), DX
	VPBROADCASTD 0(SI), Y0
	VPBROADCASTD 4(SI), Y1
	VPBROADCASTD 8(SI), Y2
	VPBROADCASTD 16(SI), Y4
	VPBROADCASTD 20(SI), Y5
	VPBROADCASTD 40(SI), Y10
	VPBROADCASTD 44(SI), Y11
	VPBROADCASTD 56(SI), Y12
	VPBROADCASTD 60(SI), Y13
	VMOVDQU (DX), Y6
	VMOVDQU 64(DX), Y8
	VMOVDQU 96(DX), Y9

	// Words 3 and 7 wait at 0(SP) and 32(SP), or 12 and 13 at 64(SP) and 96(SP).
	VPBROADCASTD 12(SI), Y3
	VMOVDQU Y3, (SP)
	VMOVDQU 32(DX), Y7
	VMOVDQU Y7, 32(SP)
	VPBROADCASTD 48(SI), Y3
	VPBROADCASTD 52(SI), Y7
	MOVQ $10, CX

rounds:
	QUARTER2(Y0, Y4, Y8, Y3)    // words 0, 4, 8, 12
	QUARTER2(Y5, Y9, Y7, Y1)    // 5, 9, 13, 1
	QUARTER2(Y10, Y12, Y2, Y6)  // 10, 14, 2, 6
	VMOVDQU Y3, 64(SP)
	VMOVDQU Y7, 96(SP)
	VMOVDQU (SP), Y3
	VMOVDQU 32(SP), Y7
	QUARTER2(Y13, Y3, Y7, Y11)  // 15, 3, 7, 11
	QUARTER2(Y0, Y1, Y2, Y3)    // 0, 1, 2, 3
	QUARTER2(Y5, Y6, Y7, Y4)    // 5, 6, 7, 4
	QUARTER2(Y10, Y11, Y8, Y9)  // 10, 11, 8, 9
	VMOVDQU Y3, (SP)
	VMOVDQU Y7, 32(SP)
	VMOVDQU 64(SP), Y3
	VMOVDQU 96(SP), Y7
	QUARTER2(Y13, Y3, Y7, Y12)  // 15, 12, 13, 14
	DECQ CX
	JNZ  rounds

	ADDROW2(64, Y8)
	ADDROW2(96, Y9)
	ADD2(40, Y10)
	ADD2(44, Y11)
	ADD2(48, Y3)
	ADD2(52, Y7)
	ADD2(56, Y12)
	ADD2(60, Y13)
	VMOVDQU Y8, 64(SP)
	VMOVDQU Y9, 96(SP)
	VMOVDQU Y10, 128(SP)
	VMOVDQU Y11, 160(SP)
	VMOVDQU Y3, 192(SP)
	VMOVDQU Y7, 224(SP)
	VMOVDQU Y12, 256(SP)
	VMOVDQU Y13, 288(SP)
	VMOVDQU (SP), Y3
	VMOVDQU 32(SP), Y7
	ADD2(0, Y0)
	ADD2(4, Y1)
	ADD2(8, Y2)
	ADD2(12, Y3)
	ADD2(16, Y4)
	ADD2(20, Y5)
	ADDROW2(0, Y6)
	ADDROW2(32, Y7)
	OUT2(0)
	VMOVDQU 64(SP), Y0
	VMOVDQU 96(SP), Y1
	VMOVDQU 128(SP), Y2
	VMOVDQU 160(SP), Y3
	VMOVDQU 192(SP), Y4
	VMOVDQU 224(SP), Y5
	VMOVDQU 256(SP), Y6
	VMOVDQU 288(SP), Y7
	OUT2(32)
	VZEROUPPER
	RET

// STEP5 is b ^= (a + d) <<< n.
#define STEP5(a, d, b, n) \
	VPADDD a, d, Y16    \
	VPROLD $n, Y16, Y16 \
	VPXORD Y16, b, b

#define QUARTER5(a, b, c, d) \
	STEP5(a, d, b, 7)  \
	STEP5(b, a, c, 9)  \
	STEP5(c, b, d, 13) \
	STEP5(d, c, a, 18)

#define ADD5(at, word) \
	VPBROADCASTD at(SI), Y16 \
	VPADDD       Y16, word, word

// OUT5 writes eight words, a to h, of each block, half of it, at the offset at.
#define OUT5(at, a, b, c, d, e, f, g, h) \
	VPUNPCKLDQ b, a, Y16           \
	VPUNPCKHDQ b, a, Y17           \
	VPUNPCKLDQ d, c, Y18           \
	VPUNPCKHDQ d, c, Y19           \
	VPUNPCKLDQ f, e, Y20           \
	VPUNPCKHDQ f, e, Y21           \
	VPUNPCKLDQ h, g, Y22           \
	VPUNPCKHDQ h, g, Y23           \
	VPUNPCKLQDQ Y18, Y16, a        \
	VPUNPCKHQDQ Y18, Y16, b        \
	VPUNPCKLQDQ Y19, Y17, c        \
	VPUNPCKHQDQ Y19, Y17, d        \
	VPUNPCKLQDQ Y22, Y20, e        \
	VPUNPCKHQDQ Y22, Y20, f        \
	VPUNPCKLQDQ Y23, Y21, g        \
	VPUNPCKHQDQ Y23, Y21, h        \
	VSHUFI64X2 $0, e, a, Y16       \
	VSHUFI64X2 $0, f, b, Y17       \
	VSHUFI64X2 $0, g, c, Y18       \
	VSHUFI64X2 $0, h, d, Y19       \
	VSHUFI64X2 $3, e, a, Y20       \
	VSHUFI64X2 $3, f, b, Y21       \
	VSHUFI64X2 $3, g, c, Y22       \
	VSHUFI64X2 $3, h, d, Y23       \
	VMOVDQU64 Y16, (at+0*64)(DI)   \
	VMOVDQU64 Y17, (at+1*64)(DI)   \
	VMOVDQU64 Y18, (at+2*64)(DI)   \
	VMOVDQU64 Y19, (at+3*64)(DI)   \
	VMOVDQU64 Y20, (at+4*64)(DI)   \
	VMOVDQU64 Y21, (at+5*64)(DI)   \
	VMOVDQU64 Y22, (at+6*64)(DI)   \
	VMOVDQU64 Y23, (at+7*64)(DI)

// func blocksAVX512(out *keystream, words *[16]uint32, lanes *lanes)
TEXT ·blocksAVX512(SB), NOSPLIT, $0-24
	MOVQ out+0(FP), DI
	MOVQ words+8(FP), SI
	MOVQ lanes+16(FP), DX
	VPBROADCASTD 0(SI), Y0
	VPBROADCASTD 4(SI), Y1
	VPBROADCASTD 8(SI), Y2
	VPBROADCASTD 12(SI), Y3
	VPBROADCASTD 16(SI), Y4
	VPBROADCASTD 20(SI), Y5
	VMOVDQU 0(DX), Y6
	VMOVDQU 32(DX), Y7
	VMOVDQU 64(DX), Y8
	VMOVDQU 96(DX), Y9
	VPBROADCASTD 40(SI), Y10
	VPBROADCASTD 44(SI), Y11
	VPBROADCASTD 48(SI), Y12
	VPBROADCASTD 52(SI), Y13
	VPBROADCASTD 56(SI), Y14
	VPBROADCASTD 60(SI), Y15
	MOVQ $10, CX

rounds:
	QUARTER5(Y0, Y4, Y8, Y12)
	QUARTER5(Y5, Y9, Y13, Y1)
	QUARTER5(Y10, Y14, Y2, Y6)
	QUARTER5(Y15, Y3, Y7, Y11)
	QUARTER5(Y0, Y1, Y2, Y3)
	QUARTER5(Y5, Y6, Y7, Y4)
	QUARTER5(Y10, Y11, Y8, Y9)
	QUARTER5(Y15, Y12, Y13, Y14)
	DECQ CX
	JNZ  rounds

	ADD5(0, Y0)
	ADD5(4, Y1)
	ADD5(8, Y2)
	ADD5(12, Y3)
	ADD5(16, Y4)
	ADD5(20, Y5)
	ADDROW2(0, Y6)
	ADDROW2(32, Y7)
	ADDROW2(64, Y8)
	ADDROW2(96, Y9)
	ADD5(40, Y10)
	ADD5(44, Y11)
	ADD5(48, Y12)
	ADD5(52, Y13)
	ADD5(56, Y14)
	ADD5(60, Y15)
	OUT5(0, Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7)
	OUT5(32, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15)
	VZEROUPPER
	RET

// func cpuid(leaf, sub uint32) (a, b, c, d uint32)
TEXT ·cpuid(SB), NOSPLIT, $0-24
	MOVL leaf+0(FP), AX
	MOVL sub+4(FP), CX
	CPUID
	MOVL AX, a+8(FP)
	MOVL BX, b+12(FP)
	MOVL CX, c+16(FP)
	MOVL DX, d+20(FP)
	RET

// func xgetbv() uint32
TEXT ·xgetbv(SB), NOSPLIT, $0-4
	XORL CX, CX
	XGETBV
	MOVL AX, ret+0(FP)
	RET
