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
