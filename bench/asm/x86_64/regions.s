region_read_large:
    pushq   %rbx
    subq    $32, %rsp
    movq    %rdi, %rbx
    cmpl    $2, (%rsi)
    jne     .L3
    movq    8(%rsi), %rdx
    movq    %rbx, %rdi
    callq   *seqcopy_shm::handle::reader::apart@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $32, %rsp
    popq    %rbx
    retq
.L3:
    movq    32(%rsi), %rax
    movups  16(%rsi), %xmm0
    movaps  %xmm0, (%rsp)
    movq    %rax, 16(%rsp)
    movq    %rsp, %rsi
    movq    %rbx, %rdi
    callq   *seqcopy::copy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $32, %rsp
    popq    %rbx
    retq

region_read_versioned:
    pushq   %rbx
    subq    $32, %rsp
    movq    %rdi, %rbx
    cmpl    $2, (%rsi)
    jne     .L3
    movq    8(%rsi), %rdx
    movq    %rbx, %rdi
    callq   *seqcopy_shm::handle::reader::apart@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $32, %rsp
    popq    %rbx
    retq
.L3:
    movq    32(%rsi), %rax
    movups  16(%rsi), %xmm0
    movaps  %xmm0, (%rsp)
    movq    %rax, 16(%rsp)
    movq    %rsp, %rsi
    movq    %rbx, %rdi
    callq   *seqcopy::copy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $32, %rsp
    popq    %rbx
    retq

region_try_read:
    pushq   %rbx
    subq    $32, %rsp
    movq    %rdi, %rbx
    cmpl    $2, (%rsi)
    jne     .L3
    movq    8(%rsi), %rdx
    movq    %rbx, %rdi
    callq   *seqcopy_shm::handle::reader::apart@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $32, %rsp
    popq    %rbx
    retq
.L3:
    movq    32(%rsi), %rax
    movups  16(%rsi), %xmm0
    movaps  %xmm0, (%rsp)
    movq    %rax, 16(%rsp)
    movq    %rsp, %rsi
    movq    %rbx, %rdi
    callq   *seqcopy::copy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $32, %rsp
    popq    %rbx
    retq

region_read_with:
    pushq   %rbx
    subq    $32, %rsp
    movq    %rdi, %rbx
    cmpl    $2, (%rsi)
    jne     .L3
    movq    8(%rsi), %rdx
    movq    %rbx, %rdi
    movq    %rsi, %rcx
    xorl    %r8d, %r8d
    callq   *seqcopy_shm::handle::reader::apart@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $32, %rsp
    popq    %rbx
    retq
.L3:
    movups  24(%rsi), %xmm0
    movq    %rsi, (%rsp)
    movl    $0, 8(%rsp)
    movups  %xmm0, 16(%rsp)
    movq    %rsp, %rsi
    movq    %rbx, %rdi
    callq   *seqcopy::copy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $32, %rsp
    popq    %rbx
    retq

region_read:
    pushq   %rbx
    subq    $96, %rsp
    cmpl    $2, (%rsi)
    jne     .L2
    movq    8(%rsi), %rdx
    movq    %rdi, %rbx
    callq   *seqcopy_shm::handle::reader::apart@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $96, %rsp
    popq    %rbx
    retq
.L2:
    movq    24(%rsi), %rcx
    movq    32(%rsi), %rax
    movq    (%rcx), %rdx
    movl    %eax, %r8d
    notl    %r8d
    andl    %edx, %r8d
    testb   $1, %r8b
    jne     .L9
    testq   %rdx, %rdx
    je      .L10
    movq    %rdx, %r8
    andq    %rax, %r8
    leaq    (%r8,%r8,2), %r8
    shlq    $4, %r8
    leaq    (%rcx,%r8), %r9
    addq    $16, %r9
    movups  (%r9), %xmm1
    movups  16(%r9), %xmm0
    leaq    (%rcx,%r8), %r9
    addq    $48, %r9
    movb    (%r9), %r8b
    andq    $-2, %rax
    movq    (%rcx), %rcx
    subq    %rdx, %rcx
    cmpq    %rax, %rcx
    ja      .L11
    pshufd  $255, %xmm0, %xmm2
    movd    %xmm2, %eax
    cmpl    $3, %eax
    jae     .L17
    movzbl  %r8b, %eax
    cmpb    $2, %r8b
    jae     .L18
    movups  %xmm1, 8(%rdi)
    movdqu  %xmm0, 24(%rdi)
.L8:
    movq    %rax, 40(%rdi)
    movq    $15, (%rdi)
    movq    %rdi, %rax
    addq    $96, %rsp
    popq    %rbx
    retq
.L9:
    movq    %rdi, %rbx
    xorl    %ecx, %ecx
    jmp     .L12
.L10:
    movq    %rdi, %rbx
    movl    $2, %ecx
    jmp     .L12
.L11:
    movq    %rdi, %rbx
    movl    $1, %ecx
.L12:
    movq    16(%rsi), %rsi
    leaq    48(%rsp), %rdi
    movq    %rsp, %rdx
    callq   seqcopy_shm::value::source::mapped::Mapped::load_with_retries
    movq    48(%rsp), %rax
    cmpq    $15, %rax
    jne     .L16
    movq    24(%rsp), %rcx
    movq    %rcx, %rax
    shrq    $32, %rax
    cmpl    $3, %eax
    movq    %rbx, %rdi
    jae     .L21
    movq    32(%rsp), %rax
    testb   $-2, %al
    jne     .L22
    movq    16(%rsp), %rdx
    movdqu  (%rsp), %xmm0
    movdqu  %xmm0, 8(%rdi)
    movq    %rdx, 24(%rdi)
    movq    %rcx, 32(%rdi)
    jmp     .L8
.L16:
    movq    56(%rsp), %rcx
    movups  80(%rsp), %xmm0
    movq    %rbx, %rdi
    movups  %xmm0, 32(%rbx)
    movups  64(%rsp), %xmm0
    movups  %xmm0, 16(%rbx)
    movq    %rax, (%rbx)
    movq    %rcx, 8(%rbx)
    movq    %rdi, %rax
    addq    $96, %rsp
    popq    %rbx
    retq
.L17:
    movl    %eax, %eax
    movl    $6, %edx
    movl    $3, %ecx
    jmp     .L19
.L18:
    xorl    %ecx, %ecx
    movl    $7, %edx
.L19:
    leaq    .Lconstant(%rip), %rsi
    movq    %rsi, %xmm0
    movd    %edx, %xmm1
    punpcklqdq%xmm1, %xmm0
    movq    %rcx, (%rdi)
    movdqu  %xmm0, 24(%rdi)
.L20:
    movq    %rax, 40(%rdi)
    movq    %rdi, %rax
    addq    $96, %rsp
    popq    %rbx
    retq
.L21:
    movl    $6, %ecx
    movl    $3, %edx
    jmp     .L23
.L22:
    movzbl  %al, %eax
    movl    $7, %ecx
    xorl    %edx, %edx
.L23:
    pxor    %xmm0, %xmm0
    movdqu  %xmm0, 8(%rdi)
    movq    %rdx, (%rdi)
    leaq    .Lconstant(%rip), %rdx
    movq    %rdx, 24(%rdi)
    movq    %rcx, 32(%rdi)
    jmp     .L20

region_write64:
    movq    304(%rdi), %rax
    movzbl  (%rax), %eax
    cmpb    $1, %al
    jne     .L4
    movq    64(%rdi), %rax
    movq    72(%rdi), %rcx
    testq   %rcx, %rcx
    je      .L2
    movq    (%rax), %rdx
    incq    %rdx
    andq    %rdx, %rcx
    shlq    $6, %rcx
    addq    %rax, %rcx
    addq    $64, %rcx
    movups  (%rsi), %xmm0
    movups  16(%rsi), %xmm1
    movups  32(%rsi), %xmm2
    movups  48(%rsi), %xmm3
    movups  %xmm0, (%rcx)
    movups  %xmm1, 16(%rcx)
    movups  %xmm2, 32(%rcx)
    movups  %xmm3, 48(%rcx)
    movq    %rdx, (%rax)
    movb    $2, %al
    retq
.L2:
    leaq    64(%rax), %rcx
    movq    (%rax), %rdx
    orq     $1, %rdx
    movq    %rdx, (%rax)
    movups  (%rsi), %xmm0
    movups  16(%rsi), %xmm1
    movups  32(%rsi), %xmm2
    movups  48(%rsi), %xmm3
    movups  %xmm0, (%rcx)
    movups  %xmm1, 16(%rcx)
    movups  %xmm2, 32(%rcx)
    movups  %xmm3, 48(%rcx)
    incq    %rdx
    movl    $2, %ecx
    cmovneq %rdx, %rcx
    movq    %rcx, (%rax)
    movb    $2, %al
    retq
.L4:
    cmpb    $2, %al
    sete    %al
    retq
