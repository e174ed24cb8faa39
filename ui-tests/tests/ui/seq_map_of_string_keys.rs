use seqcopy_map::SeqMap;

fn main() {
    let ages: SeqMap<String, u32> = SeqMap::new();
    ages.insert("Ada".to_owned(), 36);
}
