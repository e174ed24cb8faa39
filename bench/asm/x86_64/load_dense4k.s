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
