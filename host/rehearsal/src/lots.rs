//! Chance that comes out the same each time: what is found today is found tomorrow.

pub(crate) struct Lots(u64);

impl Lots {
    pub(crate) fn new(seed: u64) -> Lots {
        Lots(seed)
    }

    /// SplitMix64.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One time in so many.
    pub(crate) fn one_in(&mut self, times: u64) -> bool {
        self.next().is_multiple_of(times.max(1))
    }

    pub(crate) fn one_of<'t, T>(&mut self, of: &'t [T]) -> Option<&'t T> {
        let count = u64::try_from(of.len()).unwrap_or(1).max(1);
        of.get(usize::try_from(self.next() % count).unwrap_or(0))
    }
}
