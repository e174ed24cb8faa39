    pushq   %r14
    pushq   %rbx
    pushq   %rax
    movq    std_detect::detect::cache::CACHE@GOTPCREL(%rip), %rax
    movq    (%rax), %rax
    testq   %rax, %rax
    je      .L1
    testl   $16384, %eax
    jne     .L3
.L4:
    movl    $4096, %ecx
    rep     movsb (%rsi), %es:(%rdi)
    addq    $8, %rsp
    popq    %rbx
    popq    %r14
    retq
.L1:
    movq    %rsi, %rbx
    movq    %rdi, %r14
    callq   *std_detect::detect::cache::detect_and_initialize@GOTPCREL(%rip)
    movq    %r14, %rdi
    movq    %rbx, %rsi
    testl   $16384, %eax
    je      .L4
.L3:
    xorl    %eax, %eax
    movl    $3968, %ecx
.Lasm0:
    vmovups (%rsi,%rax), %ymm0
    vmovups 32(%rsi,%rax), %ymm1
    vmovups 64(%rsi,%rax), %ymm2
    vmovups 96(%rsi,%rax), %ymm3
    vmovups %ymm0, (%rdi,%rax)
    vmovups %ymm1, 32(%rdi,%rax)
    vmovups %ymm2, 64(%rdi,%rax)
    vmovups %ymm3, 96(%rdi,%rax)
    addq    $128, %rax
    cmpq    %rcx, %rax
    jb      .Lasm0
    vmovups (%rsi,%rcx), %ymm0
    vmovups 32(%rsi,%rcx), %ymm1
    vmovups 64(%rsi,%rcx), %ymm2
    vmovups 96(%rsi,%rcx), %ymm3
    vmovups %ymm0, (%rdi,%rcx)
    vmovups %ymm1, 32(%rdi,%rcx)
    vmovups %ymm2, 64(%rdi,%rcx)
    vmovups %ymm3, 96(%rdi,%rcx)
    vzeroupper
    addq    $8, %rsp
    popq    %rbx
    popq    %r14
    retq
