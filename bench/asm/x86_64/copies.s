load_padded48:
    movups  (%rdi), %xmm0
    movups  16(%rdi), %xmm1
    movups  %xmm0, (%rsi)
    movups  %xmm1, 16(%rsi)
    leaq    32(%rdi), %rax
    movq    (%rax), %rcx
    movq    %rcx, 32(%rsi)
    movq    40(%rdi), %rax
    movq    %rax, 40(%rsi)
    retq

store_padded48:
    movzbl  (%rsi), %eax
    movb    %al, (%rdi)
    leaq    8(%rdi), %rax
    movups  8(%rsi), %xmm0
    movups  %xmm0, (%rax)
    movq    24(%rsi), %rax
    leaq    24(%rdi), %rcx
    movq    %rax, (%rcx)
    movzbl  32(%rsi), %eax
    leaq    32(%rdi), %rcx
    movb    %al, (%rcx)
    leaq    36(%rdi), %rax
    movl    36(%rsi), %ecx
    movl    %ecx, (%rax)
    movq    40(%rsi), %rax
    movq    %rax, 40(%rdi)
    retq

load_dense64:
    movups  (%rdi), %xmm0
    movups  16(%rdi), %xmm1
    movups  32(%rdi), %xmm2
    movups  48(%rdi), %xmm3
    movups  %xmm0, (%rsi)
    movups  %xmm1, 16(%rsi)
    movups  %xmm2, 32(%rsi)
    movups  %xmm3, 48(%rsi)
    retq

store_dense64:
    movups  (%rsi), %xmm0
    movups  16(%rsi), %xmm1
    movups  32(%rsi), %xmm2
    movups  48(%rsi), %xmm3
    movups  %xmm0, (%rdi)
    movups  %xmm1, 16(%rdi)
    movups  %xmm2, 32(%rdi)
    movups  %xmm3, 48(%rdi)
    retq

load_dense4k:
    pushq   %r14
    pushq   %rbx
    pushq   %rax
    movq    seqcopy::copy::vector::x86_64::moves::Moves::get::MOVES@GOTPCREL(%rip), %rax
    movzbl  (%rax), %eax
    testb   %al, %al
    je      .L1
.L2:
    movzbl  %al, %ecx
    movl    $4096, %edx
    addq    $8, %rsp
    popq    %rbx
    popq    %r14
    jmpq    *seqcopy::copy::vector::x86_64::longer@GOTPCREL(%rip)
.L1:
    movq    %rsi, %rbx
    movq    %rdi, %r14
    callq   *seqcopy::copy::vector::x86_64::moves::Moves::get::find@GOTPCREL(%rip)
    movq    %r14, %rdi
    movq    %rbx, %rsi
    jmp     .L2

store_dense4k:
    pushq   %r14
    pushq   %rbx
    pushq   %rax
    movq    %rsi, %r14
    movq    %rdi, %rbx
    movq    seqcopy::copy::vector::x86_64::moves::Moves::get::MOVES@GOTPCREL(%rip), %rax
    movzbl  (%rax), %eax
    testb   %al, %al
    je      .L1
.L2:
    movl    $4096, %edx
    movq    %r14, %rdi
    movq    %rbx, %rsi
    addq    $8, %rsp
    testb   $8, %al
    jne     .L6
    testb   $4, %al
    jne     .L7
    testb   $2, %al
    je      .L8
    popq    %rbx
    popq    %r14
    jmp     seqcopy::copy::vector::x86_64::moves::store_avx
.L6:
    popq    %rbx
    popq    %r14
    jmp     seqcopy::copy::vector::x86_64::moves::store_avx
.L7:
    popq    %rbx
    popq    %r14
    jmp     seqcopy::copy::vector::x86_64::moves::store_avx
.L1:
    callq   *seqcopy::copy::vector::x86_64::moves::Moves::get::find@GOTPCREL(%rip)
    jmp     .L2
.L8:
    popq    %rbx
    popq    %r14
    jmp     seqcopy::copy::vector::x86_64::moves::store_sse2

load_pointers:
    movq    (%rdi), %rax
    movq    %rax, (%rsi)
    movq    8(%rdi), %rax
    movq    %rax, 8(%rsi)
    movq    16(%rdi), %rax
    movq    %rax, 16(%rsi)
    movq    24(%rdi), %rax
    movq    %rax, 24(%rsi)
    retq

store_pointers:
    movq    (%rsi), %rax
    movq    %rax, (%rdi)
    movq    8(%rsi), %rax
    movq    %rax, 8(%rdi)
    movq    16(%rsi), %rax
    movq    %rax, 16(%rdi)
    movq    24(%rsi), %rax
    movq    %rax, 24(%rdi)
    retq

load_packed:
    movq    (%rdi), %rax
    movq    %rax, (%rsi)
    movl    8(%rdi), %eax
    movl    %eax, 8(%rsi)
    movzwl  12(%rdi), %eax
    movw    %ax, 12(%rsi)
    movzbl  14(%rdi), %eax
    movb    %al, 14(%rsi)
    retq

store_packed:
    movq    (%rsi), %rax
    movq    %rax, (%rdi)
    movl    8(%rsi), %eax
    movl    %eax, 8(%rdi)
    movzwl  12(%rsi), %eax
    movw    %ax, 12(%rdi)
    movzbl  14(%rsi), %eax
    movb    %al, 14(%rdi)
    retq

load_enum:
    movzbl  (%rdi), %eax
    movb    %al, (%rsi)
    movl    4(%rdi), %eax
    movl    %eax, 4(%rsi)
    addq    $8, %rdi
    movups  (%rdi), %xmm0
    movups  %xmm0, 8(%rsi)
    retq

store_enum:
    movzbl  (%rsi), %eax
    xorl    %ecx, %ecx
    cmpl    $2, %eax
    je      .L3
    pxor    %xmm0, %xmm0
    cmpl    $1, %eax
    jne     .L4
    movl    4(%rsi), %ecx
    movzbl  8(%rsi), %edx
    movd    %edx, %xmm0
    jmp     .L4
.L3:
    movdqu  8(%rsi), %xmm0
.L4:
    movb    %al, (%rdi)
    movl    %ecx, 4(%rdi)
    addq    $8, %rdi
    movups  %xmm0, (%rdi)
    retq

value_load:
    pushq   %rbx
    movq    %rdi, %rbx
    movq    %rsi, %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::atomic_per_byte::AtomicPerByte<T>::load_start::large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

value_load_inner:
    movq    %rdi, %rax
    movups  (%rsi), %xmm0
    movups  16(%rsi), %xmm1
    movups  32(%rsi), %xmm2
    movups  48(%rsi), %xmm3
    leaq    64(%rsi), %rcx
    movups  (%rcx), %xmm4
    movups  16(%rcx), %xmm5
    movups  32(%rcx), %xmm6
    movups  48(%rcx), %xmm7
    subq    $-128, %rsi
    movups  (%rsi), %xmm8
    movups  16(%rsi), %xmm9
    movups  32(%rsi), %xmm10
    movups  48(%rsi), %xmm11
    movups  %xmm0, (%rdi)
    movups  %xmm1, 16(%rdi)
    movups  %xmm2, 32(%rdi)
    movups  %xmm3, 48(%rdi)
    movups  %xmm4, 64(%rdi)
    movups  %xmm5, 80(%rdi)
    movups  %xmm6, 96(%rdi)
    movups  %xmm7, 112(%rdi)
    movups  %xmm8, 128(%rdi)
    movups  %xmm9, 144(%rdi)
    movups  %xmm10, 160(%rdi)
    movups  %xmm11, 176(%rdi)
    retq
