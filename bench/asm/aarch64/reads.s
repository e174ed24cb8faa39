value_read24:
    add     x9, x0, #24
    ldar    x9, [x9]
    tbnz    w9, #0, .L3
    ldr     q0, [x0]
    add     x11, x0, #16
    ldr     x10, [x11]
    dmb     ishld
    ldr     x11, [x0, #24]
    cmp     x11, x9
    b.ne    .L3
    str     q0, [x8]
    str     x10, [x8, #16]
    ret
.L3:
    sub     sp, sp, #64
    stp     x29, x30, [sp, #32]
    str     x19, [sp, #48]
    add     x29, sp, #32
    mov     x1, sp
    mov     x19, x8
    bl      seqcopy::lock::read::read_contended
    ldr     q0, [sp]
    ldr     x8, [sp, #16]
    str     q0, [x19]
    str     x8, [x19, #16]
    ldp     x29, x30, [sp, #32]
    ldr     x19, [sp, #48]
    add     sp, sp, #64
    ret

value_read_into24:
    add     x8, x0, #24
    ldar    x8, [x8]
    tbnz    w8, #0, .L3
    ldr     q0, [x0]
    str     q0, [x1]
    add     x9, x0, #16
    ldr     x10, [x9]
    str     x10, [x1, #16]
    dmb     ishld
    ldr     x9, [x0, #24]
    cmp     x9, x8
    b.ne    .L3
    ret
.L3:
    b       seqcopy::lock::read::read_contended

seqlock_read:
    add     x8, x0, #48
    ldar    x8, [x8]
    tbnz    w8, #0, .L3
    ldp     q0, q1, [x0]
    stp     q0, q1, [x1]
    add     x9, x0, #32
    ldr     x10, [x9]
    ldr     x9, [x0, #40]
    stp     x10, x9, [x1, #32]
    dmb     ishld
    ldr     x9, [x0, #48]
    cmp     x9, x8
    b.ne    .L3
    ret
.L3:
    b       seqcopy::lock::read::read_contended

value_read16:
    add     x9, x0, #16
    ldar    x9, [x9]
    tbnz    w9, #0, .L3
    ldr     q0, [x0]
    dmb     ishld
    ldr     x10, [x0, #16]
    cmp     x10, x9
    b.ne    .L3
    str     q0, [x8]
    ret
.L3:
    sub     sp, sp, #64
    stp     x29, x30, [sp, #32]
    str     x19, [sp, #48]
    add     x29, sp, #32
    add     x1, sp, #8
    mov     x19, x8
    bl      seqcopy::lock::read::read_contended
    ldur    q0, [sp, #8]
    str     q0, [x19]
    ldp     x29, x30, [sp, #32]
    ldr     x19, [sp, #48]
    add     sp, sp, #64
    ret

value_read_padded48:
    add     x9, x0, #48
    ldar    x9, [x9]
    tbnz    w9, #0, .L3
    ldp     q1, q0, [x0]
    add     x11, x0, #32
    ldr     x10, [x11]
    ldr     x11, [x0, #40]
    dmb     ishld
    ldr     x12, [x0, #48]
    cmp     x12, x9
    b.ne    .L3
    stp     q1, q0, [x8]
    stp     x10, x11, [x8, #32]
    ret
.L3:
    sub     sp, sp, #96
    stp     x29, x30, [sp, #64]
    str     x19, [sp, #80]
    add     x29, sp, #64
    add     x1, sp, #8
    mov     x19, x8
    bl      seqcopy::lock::read::read_contended
    ldur    q0, [sp, #8]
    ldur    q1, [sp, #24]
    ldur    q2, [sp, #40]
    stp     q0, q1, [x19]
    str     q2, [x19, #32]
    ldp     x29, x30, [sp, #64]
    ldr     x19, [sp, #80]
    add     sp, sp, #96
    ret

value_read128:
    add     x9, x0, #128
    ldar    x9, [x9]
    tbnz    w9, #0, .L3
    ldp     q7, q5, [x0]
    ldp     q3, q1, [x0, #32]
    add     x10, x0, #64
    ldp     q6, q4, [x10]
    ldp     q2, q0, [x10, #32]
    dmb     ishld
    ldr     x10, [x0, #128]
    cmp     x10, x9
    b.ne    .L3
    stp     q7, q5, [x8]
    stp     q3, q1, [x8, #32]
    stp     q6, q4, [x8, #64]
    stp     q2, q0, [x8, #96]
    ret
.L3:
    sub     sp, sp, #176
    stp     x29, x30, [sp, #144]
    str     x19, [sp, #160]
    add     x29, sp, #144
    add     x1, sp, #8
    mov     x19, x8
    bl      seqcopy::lock::read::read_contended
    ldur    q0, [sp, #72]
    ldur    q1, [sp, #88]
    ldur    q2, [sp, #120]
    stp     q0, q1, [x19, #64]
    ldur    q0, [sp, #104]
    ldur    q1, [sp, #8]
    stp     q0, q2, [x19, #96]
    ldur    q0, [sp, #24]
    ldur    q2, [sp, #40]
    stp     q1, q0, [x19]
    ldur    q0, [sp, #56]
    stp     q2, q0, [x19, #32]
    ldp     x29, x30, [sp, #144]
    ldr     x19, [sp, #160]
    add     sp, sp, #176
    ret

value_read_versioned64:
    add     x9, x0, #64
    ldar    x9, [x9]
    tbnz    w9, #0, .L3
    ldp     q3, q2, [x0]
    ldp     q1, q0, [x0, #32]
    dmb     ishld
    ldr     x10, [x0, #64]
    cmp     x10, x9
    b.ne    .L3
    lsr     x9, x9, #1
    stp     q3, q2, [x8]
    stp     q1, q0, [x8, #32]
    str     x9, [x8, #64]
    ret
.L3:
    sub     sp, sp, #112
    stp     x29, x30, [sp, #80]
    str     x19, [sp, #96]
    add     x29, sp, #80
    add     x1, sp, #8
    mov     x19, x8
    bl      seqcopy::lock::read::read_contended
    ldur    q0, [sp, #8]
    ldur    q1, [sp, #24]
    ldur    q2, [sp, #56]
    stp     q0, q1, [x19]
    ldur    q0, [sp, #40]
    stp     q0, q2, [x19, #32]
    str     x0, [x19, #64]
    ldp     x29, x30, [sp, #80]
    ldr     x19, [sp, #96]
    add     sp, sp, #112
    ret

value_read_over128:
    add     x8, x0, #128
    ldar    x8, [x8]
    tbnz    w8, #0, .L3
    ldp     q3, q2, [x0]
    ldp     q1, q0, [x0, #32]
    add     x9, x0, #64
    ldp     q7, q6, [x9]
    ldp     q5, q4, [x9, #32]
    dmb     ishld
    ldr     x9, [x0, #128]
    cmp     x9, x8
    b.ne    .L3
    stp     q3, q2, [x1]
    stp     q1, q0, [x1, #32]
    stp     q7, q6, [x1, #64]
    stp     q5, q4, [x1, #96]
    ret
.L3:
    sub     sp, sp, #176
    stp     x29, x30, [sp, #144]
    str     x19, [sp, #160]
    add     x29, sp, #144
    mov     x19, x1
    mov     x1, sp
    bl      seqcopy::lock::read::read_contended
    ldp     q3, q2, [sp]
    mov     x1, x19
    ldp     q1, q0, [sp, #32]
    ldp     q7, q6, [sp, #64]
    ldp     q5, q4, [sp, #96]
    ldp     x29, x30, [sp, #144]
    ldr     x19, [sp, #160]
    add     sp, sp, #176
    stp     q3, q2, [x1]
    stp     q1, q0, [x1, #32]
    stp     q7, q6, [x1, #64]
    stp     q5, q4, [x1, #96]
    ret

value_latch_read64:
    add     x9, x0, #256
    ldar    x9, [x9]
    and     x10, x9, #0x3
    add     x10, x0, x10, lsl #6
    ldp     q3, q2, [x10]
    ldp     q1, q0, [x10, #32]
    dmb     ishld
    ldr     x10, [x0, #256]
    sub     x9, x10, x9
    cmp     x9, #3
    b.hs    .L2
.L1:
    stp     q3, q2, [x8]
    stp     q1, q0, [x8, #32]
    ret
.L2:
    isb
    add     x9, x0, #256
    ldar    x9, [x9]
    and     x10, x9, #0x3
    add     x10, x0, x10, lsl #6
    ldp     q3, q2, [x10]
    ldp     q1, q0, [x10, #32]
    dmb     ishld
    ldr     x10, [x0, #256]
    sub     x9, x10, x9
    cmp     x9, #2
    b.hi    .L2
    b       .L1

value_read256:
    add     x9, x0, #256
    ldar    x9, [x9]
    tbnz    w9, #0, .L3
    ldp     q23, q21, [x0]
    ldp     q18, q6, [x0, #32]
    add     x10, x0, #64
    ldp     q22, q19, [x10]
    ldp     q7, q3, [x10, #32]
    add     x10, x0, #128
    ldp     q20, q16, [x10]
    ldp     q4, q1, [x10, #32]
    add     x10, x0, #192
    ldp     q17, q5, [x10]
    ldp     q2, q0, [x10, #32]
    dmb     ishld
    ldr     x10, [x0, #256]
    cmp     x10, x9
    b.ne    .L3
    stp     q23, q21, [x8]
    stp     q18, q6, [x8, #32]
    stp     q22, q19, [x8, #64]
    stp     q7, q3, [x8, #96]
    stp     q20, q16, [x8, #128]
    stp     q4, q1, [x8, #160]
    stp     q17, q5, [x8, #192]
    stp     q2, q0, [x8, #224]
    ret
.L3:
    sub     sp, sp, #304
    stp     x29, x30, [sp, #272]
    stp     x28, x19, [sp, #288]
    add     x29, sp, #272
    add     x1, sp, #8
    mov     x19, x8
    bl      seqcopy::lock::read::read_contended
    ldur    q0, [sp, #200]
    ldur    q1, [sp, #216]
    ldur    q2, [sp, #248]
    stp     q0, q1, [x19, #192]
    ldur    q0, [sp, #232]
    ldur    q1, [sp, #136]
    stp     q0, q2, [x19, #224]
    ldur    q0, [sp, #152]
    ldur    q2, [sp, #168]
    stp     q1, q0, [x19, #128]
    ldur    q0, [sp, #184]
    ldur    q1, [sp, #72]
    stp     q2, q0, [x19, #160]
    ldur    q0, [sp, #88]
    ldur    q2, [sp, #104]
    stp     q1, q0, [x19, #64]
    ldur    q0, [sp, #120]
    ldur    q1, [sp, #8]
    stp     q2, q0, [x19, #96]
    ldur    q0, [sp, #24]
    ldur    q2, [sp, #40]
    stp     q1, q0, [x19]
    ldur    q0, [sp, #56]
    stp     q2, q0, [x19, #32]
    ldp     x28, x19, [sp, #288]
    ldp     x29, x30, [sp, #272]
    add     sp, sp, #304
    ret

value_get_mut:
    ldp     q0, q1, [x1]
    add     x9, x0, #64
    ldp     q2, q3, [x1, #32]
    ldp     q4, q5, [x1, #64]
    ldp     q6, q7, [x1, #96]
    ldr     x8, [x0, #128]
    orr     x8, x8, #0x1
    str     x8, [x0, #128]
    add     x8, x8, #1
    dmb     ish
    stp     q0, q1, [x0]
    stp     q2, q3, [x0, #32]
    stp     q4, q5, [x9]
    stp     q6, q7, [x9, #32]
    add     x9, x0, #128
    stlr    x8, [x9]
    ret
