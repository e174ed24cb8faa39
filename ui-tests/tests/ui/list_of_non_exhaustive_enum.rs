use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[seqcopy(remote = std::io::ErrorKind)]
enum ErrorKindDef { NotFound }

fn main() {}
