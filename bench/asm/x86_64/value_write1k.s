    pushq   %r15
    pushq   %r14
    pushq   %rbx
    movq    %rsi, %r14
    movq    (%rdi), %rbx
    movq    1024(%rbx), %r15
    orq     $1, %r15
    movq    %r15, 1024(%rbx)
    movq    seqcopy::copy::vector::x86_64::moves::Moves::get::MOVES@GOTPCREL(%rip), %rax
    movzbl  (%rax), %eax
    testb   %al, %al
    je      .L1
.L2:
    movl    $1024, %edx
    movq    %r14, %rdi
    movq    %rbx, %rsi
    testb   $8, %al
    jne     .L8
    testb   $4, %al
    jne     .L9
    testb   $2, %al
    je      .L5
    callq   seqcopy::copy::vector::x86_64::stores::store_avx
    jmp     .L7
.L8:
    callq   seqcopy::copy::vector::x86_64::stores::store_avx
    jmp     .L7
.L9:
    callq   seqcopy::copy::vector::x86_64::stores::store_avx
.L7:
    incq    %r15
    movq    %r15, 1024(%rbx)
    popq    %rbx
    popq    %r14
    popq    %r15
    retq
.L1:
    callq   *seqcopy::copy::vector::x86_64::moves::Moves::get::find@GOTPCREL(%rip)
    jmp     .L2
.L5:
    callq   seqcopy::copy::vector::x86_64::stores::store_sse2
    jmp     .L7
