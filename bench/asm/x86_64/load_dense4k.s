    pushq   %r14
    pushq   %rbx
    pushq   %rax
    movq    %rdi, %rbx
    movq    std_detect::detect::cache::CACHE@GOTPCREL(%rip), %rax
    movq    (%rax), %rax
    testq   %rax, %rax
    je      .L1
    testl   $16384, %eax
    jne     .L3
.L5:
    movl    $4096, %ecx
    movq    %rsi, %rdi
    movq    %rbx, %rsi
    rep     movsb (%rsi), %es:(%rdi)
    addq    $8, %rsp
    popq    %rbx
    popq    %r14
    retq
.L1:
    movq    %rsi, %r14
    callq   *std_detect::detect::cache::detect_and_initialize@GOTPCREL(%rip)
    movq    %r14, %rsi
    testl   $16384, %eax
    je      .L5
.L3:
    xorl    %eax, %eax
    movl    $3968, %ecx
.Lasm0:
    vmovups (%rbx,%rax), %ymm0
    vmovups 32(%rbx,%rax), %ymm1
    vmovups 64(%rbx,%rax), %ymm2
    vmovups 96(%rbx,%rax), %ymm3
    vmovups %ymm0, (%rsi,%rax)
    vmovups %ymm1, 32(%rsi,%rax)
    vmovups %ymm2, 64(%rsi,%rax)
    vmovups %ymm3, 96(%rsi,%rax)
    addq    $128, %rax
    cmpq    %rcx, %rax
    jb      .Lasm0
    vmovups (%rbx,%rcx), %ymm0
    vmovups 32(%rbx,%rcx), %ymm1
    vmovups 64(%rbx,%rcx), %ymm2
    vmovups 96(%rbx,%rcx), %ymm3
    vmovups %ymm0, (%rsi,%rcx)
    vmovups %ymm1, 32(%rsi,%rcx)
    vmovups %ymm2, 64(%rsi,%rcx)
    vmovups %ymm3, 96(%rsi,%rcx)
    vzeroupper
    addq    $8, %rsp
    popq    %rbx
    popq    %r14
    retq
