value_read1k:
    pushq   %rbx
    movq    %rdi, %rbx
    movq    %rsi, %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::lock::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

value_read_into1k:
    pushq   %r15
    pushq   %r14
    pushq   %rbx
    movq    %rsi, %rbx
    movq    %rdi, %r14
    movq    1024(%rdi), %r15
    testb   $1, %r15b
    jne     .L12
    movq    seqcopy::copy::vector::x86_64::moves::Moves::get::MOVES@GOTPCREL(%rip), %rax
    movzbl  (%rax), %eax
    testb   %al, %al
    je      .L2
    testb   $4, %al
    jne     .L5
.L4:
    movzbl  %al, %ecx
    movl    $1024, %edx
    movq    %r14, %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::copy::vector::x86_64::longer@GOTPCREL(%rip)
    movq    1024(%r14), %rax
    cmpq    %r15, %rax
    je      .L10
    jmp     .L12
.L2:
    callq   *seqcopy::copy::vector::x86_64::moves::Moves::get::find@GOTPCREL(%rip)
    testb   $4, %al
    je      .L4
.L5:
    testb   $2, %al
    jne     .L7
    xorl    %eax, %eax
    movl    $960, %ecx
.Lasm0:
    movups  (%r14,%rax), %xmm0
    movups  16(%r14,%rax), %xmm1
    movups  32(%r14,%rax), %xmm2
    movups  48(%r14,%rax), %xmm3
    movups  %xmm0, (%rbx,%rax)
    movups  %xmm1, 16(%rbx,%rax)
    movups  %xmm2, 32(%rbx,%rax)
    movups  %xmm3, 48(%rbx,%rax)
    addq    $64, %rax
    cmpq    %rcx, %rax
    jb      .Lasm0
    movups  (%r14,%rcx), %xmm0
    movups  16(%r14,%rcx), %xmm1
    movups  32(%r14,%rcx), %xmm2
    movups  48(%r14,%rcx), %xmm3
    movups  %xmm0, (%rbx,%rcx)
    movups  %xmm1, 16(%rbx,%rcx)
    movups  %xmm2, 32(%rbx,%rcx)
    movups  %xmm3, 48(%rbx,%rcx)
    movq    1024(%r14), %rax
    cmpq    %r15, %rax
    je      .L10
.L12:
    movq    %r14, %rdi
    movq    %rbx, %rsi
    popq    %rbx
    popq    %r14
    popq    %r15
    jmp     seqcopy::lock::read::read_contended
.L7:
    movl    %ebx, %eax
    negl    %eax
    andl    $24, %eax
    je      .L8
    vmovups (%r14), %ymm0
    vmovups %ymm0, (%rbx)
.L8:
    movl    $896, %ecx
.Lasm1:
    vmovups (%r14,%rax), %ymm0
    vmovups 32(%r14,%rax), %ymm1
    vmovups 64(%r14,%rax), %ymm2
    vmovups 96(%r14,%rax), %ymm3
    vmovups %ymm0, (%rbx,%rax)
    vmovups %ymm1, 32(%rbx,%rax)
    vmovups %ymm2, 64(%rbx,%rax)
    vmovups %ymm3, 96(%rbx,%rax)
    addq    $128, %rax
    cmpq    %rcx, %rax
    jb      .Lasm1
    vmovups (%r14,%rcx), %ymm0
    vmovups 32(%r14,%rcx), %ymm1
    vmovups 64(%r14,%rcx), %ymm2
    vmovups 96(%r14,%rcx), %ymm3
    vmovups %ymm0, (%rbx,%rcx)
    vmovups %ymm1, 32(%rbx,%rcx)
    vmovups %ymm2, 64(%rbx,%rcx)
    vmovups %ymm3, 96(%rbx,%rcx)
    vzeroupper
    movq    1024(%r14), %rax
    cmpq    %r15, %rax
    jne     .L12
.L10:
    popq    %rbx
    popq    %r14
    popq    %r15
    retq

value_read:
    pushq   %rbx
    movq    %rdi, %rbx
    movq    %rsi, %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::lock::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

value_read4k:
    pushq   %rbx
    movq    %rdi, %rbx
    movq    %rsi, %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::lock::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

value_read_padded:
    pushq   %rbx
    movq    %rdi, %rbx
    movq    %rsi, %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::lock::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

value_read_versioned:
    pushq   %rbx
    movq    %rdi, %rbx
    movq    %rsi, %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::lock::read::read_large@GOTPCREL(%rip)
    movq    %rax, 320(%rbx)
    movq    %rbx, %rax
    popq    %rbx
    retq

value_read_if_changed:
    pushq   %r14
    pushq   %rbx
    pushq   %rax
    movq    %rdi, %rbx
    movq    320(%rsi), %rax
    shrq    %rax
    cmpq    (%rdx), %rax
    jne     .L2
    xorl    %eax, %eax
    jmp     .L3
.L2:
    movq    %rdx, %r14
    leaq    8(%rbx), %rax
    movq    %rsi, %rdi
    movq    %rax, %rsi
    callq   *seqcopy::lock::read::read_large@GOTPCREL(%rip)
    movq    %rax, (%r14)
    movl    $1, %eax
.L3:
    movq    %rax, (%rbx)
    movq    %rbx, %rax
    addq    $8, %rsp
    popq    %rbx
    popq    %r14
    retq

value_latch_read:
    pushq   %rbx
    movq    %rdi, %rbx
    movq    %rsi, %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::lock::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

value_writer_read:
    pushq   %rbx
    movq    %rdi, %rbx
    movq    (%rsi), %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::lock::protocol::<impl seqcopy::lock::claim::Claimed<L>>::peek::large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

value_try_read:
    pushq   %rbx
    movq    %rdi, %rbx
    callq   *seqcopy::copy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

value_try_read_flagged:
    pushq   %rbx
    movq    %rdi, %rbx
    callq   *seqcopy::copy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

value_try_read_versioned:
    pushq   %rbx
    movq    %rdi, %rbx
    callq   *seqcopy::copy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

value_try_read_if_changed:
    movq    320(%rsi), %rax
    shrq    %rax
    cmpq    (%rdx), %rax
    jne     .L2
    movq    $0, (%rdi)
    movq    %rdi, %rax
    retq
.L2:
    pushq   %rbx
    movq    %rdi, %rbx
    callq   *seqcopy::copy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

value_read_with:
    pushq   %rbx
    movq    %rdi, %rbx
    xorl    %edx, %edx
    callq   *seqcopy::copy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq
