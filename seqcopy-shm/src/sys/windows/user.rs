//! Users: security identifiers (SIDs), and what the access control list (DACL) of a file says in terms of Unix.
//!
//! A SID has up to 68 bytes. Each that is seen in this process gets a number, the same one each time, so that users
//! are compared as on Unix.

use core::ffi::c_void;
use core::ptr::null_mut;
use std::io::Result;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::sync::{Mutex, OnceLock, PoisonError};

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, GetSecurityInfo, SDDL_REVISION_1, SE_FILE_OBJECT,
    SetSecurityInfo,
};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACE_HEADER, ACL, DACL_SECURITY_INFORMATION, GetAce, GetLengthSid, GetSecurityDescriptorDacl,
    GetTokenInformation, INHERIT_ONLY_ACE, OWNER_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION, PSID,
    SECURITY_ATTRIBUTES, TOKEN_QUERY, TokenUser,
};
use windows_sys::Win32::System::SystemServices::{ACCESS_ALLOWED_ACE_TYPE, ACCESS_DENIED_ACE_TYPE};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::call::{done, error as error_of, wide};

/// The bytes of a SID.
type Sid = Vec<u8>;

/// The number of a user, in this process.
pub(crate) type User = u32;

/// The system itself, `S-1-5-18`, which may do everything.
pub(crate) const ROOT: User = 0;

/// The user of a process, if the system does not tell us. It is not [`NO_OWNER`], so such a process is not the owner of
/// a file that has none.
const UNKNOWN: User = User::MAX;
/// The owner of a file that has none.
const NO_OWNER: User = User::MAX - 1;

/// The SIDs of the numbers.
fn numbered<R>(act: impl FnOnce(&mut Vec<Sid>) -> R) -> R {
    static ALL: Mutex<Vec<Sid>> = Mutex::new(Vec::new());
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    if all.is_empty() {
        all.push(sid(5, &[18]));
    }
    act(&mut all)
}

/// The number of a SID.
fn number(of: Sid) -> User {
    numbered(|all| {
        let at = all.iter().position(|there| *there == of).unwrap_or_else(|| {
            all.push(of);
            all.len() - 1
        });
        User::try_from(at).expect("a system has fewer users")
    })
}

/// The SID with that authority and those parts.
fn sid(authority: u8, parts: &[u32]) -> Sid {
    let count = u8::try_from(parts.len()).expect("a handful");
    let mut bytes = vec![1, count, 0, 0, 0, 0, 0, authority];
    bytes.extend(parts.iter().flat_map(|part| part.to_le_bytes()));
    bytes
}

/// Copies a SID.
///
/// # Safety
/// It is valid.
unsafe fn copied(sid: PSID) -> Sid {
    // SAFETY: this function's contract.
    let len = unsafe { GetLengthSid(sid) } as usize;
    // SAFETY: as long as the system says, and initialised (I4 private).
    unsafe { core::slice::from_raw_parts(sid.cast::<u8>(), len) }.to_vec()
}

/// The user's name in messages, such as `S-1-5-18`.
pub(crate) fn name(user: User) -> String {
    let sid = numbered(|all| all.get(user as usize).cloned()).unwrap_or_default();
    let Some((first, parts)) = sid.split_first_chunk::<8>() else { return format!("user {user}") };
    let authority = first[2..].iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    let parts = parts.chunks_exact(4).map(|part| u32::from_le_bytes(part.try_into().unwrap_or_default()));
    parts.fold(format!("S-{}-{authority}", first[0]), |text, part| format!("{text}-{part}"))
}

/// The user of this process.
pub(crate) fn effective_user() -> User {
    static USER: OnceLock<User> = OnceLock::new();
    *USER.get_or_init(|| of_process().map_or(UNKNOWN, number))
}

fn of_process() -> Result<Sid> {
    let mut token = null_mut();
    // SAFETY: a constant that stands for this process (I4 private).
    let own = unsafe { GetCurrentProcess() };
    // SAFETY: an open handle, and a local (I4 private).
    done(unsafe { OpenProcessToken(own, TOKEN_QUERY, &raw mut token) })?;
    // SAFETY: opened above, and nothing else has it (I4 private).
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    let mut space = [0u64; 32];
    let (mut len, to) = (0, space.as_mut_ptr().cast());
    // SAFETY: an open token, and a local of that size (I4 private).
    done(unsafe { GetTokenInformation(token.as_raw_handle(), TokenUser, to, 256, &raw mut len) })?;
    // SAFETY: a `TOKEN_USER` begins with the address of a SID in the same space (I4 private).
    let user = unsafe { *space.as_ptr().cast::<PSID>() };
    // SAFETY: the system has stored it (I4 private).
    Ok(unsafe { copied(user) })
}

/// Memory that the system has allocated.
struct Local(*mut c_void);

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: allocated by the system, and nothing else has it (I4 private).
        unsafe { LocalFree(self.0) };
    }
}

/// The owner of a file, and its permissions as twelve bits. The handle must have the right to read them.
pub(super) fn rights(file: RawHandle) -> Result<(User, u32)> {
    let (mut owner, mut list, mut all) = (null_mut(), null_mut(), null_mut());
    let asked = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    let (to_owner, to_list, to_all) = (&raw mut owner, &raw mut list, &raw mut all);
    // SAFETY: an open handle, and locals (I4 private).
    let code =
        unsafe { GetSecurityInfo(file, SE_FILE_OBJECT, asked, to_owner, null_mut(), to_list, null_mut(), to_all) };
    if code != 0 {
        return Err(error_of(code));
    }
    let _all = Local(all);
    if owner.is_null() {
        return Ok((NO_OWNER, 0o666));
    }
    // SAFETY: inside of what the system has allocated (I4 private).
    let owner = unsafe { copied(owner) };
    // SAFETY: inside of what the system has allocated, or null (I4 private).
    let of_others = unsafe { of_others(list, &owner) };
    Ok((number(owner), 0o600 | of_others))
}

/// Rights to read data: all of a file, all rights, data.
const READS: u32 = 0x8000_0000 | 0x1000_0000 | 0x1;
/// Rights to write: all of a file, all rights, data, more data, removal, its list, its owner.
const WRITES: u32 = 0x4000_0000 | 0x1000_0000 | 0x2 | 0x4 | 0x1_0000 | 0x4_0000 | 0x8_0000;

/// What users may do who are neither the owner nor the system nor its administrators.
///
/// # Safety
/// A valid list, or null.
unsafe fn of_others(list: *const ACL, owner: &Sid) -> u32 {
    if list.is_null() {
        return 0o066;
    }
    // The system, its administrators, who creates files, and the rights of owners.
    let trusted = [sid(5, &[18]), sid(5, &[32, 544]), sid(3, &[0]), sid(3, &[4])];
    let mut mode = 0;
    // SAFETY: this function's contract.
    let count = unsafe { (*list).AceCount };
    for index in 0..u32::from(count) {
        let mut entry = null_mut();
        // SAFETY: this function's contract, and a local.
        if unsafe { GetAce(list, index, &raw mut entry) } == 0 {
            return 0o066;
        }
        // SAFETY: an entry of the list, each of which begins with this (I4 private).
        let header = unsafe { *entry.cast::<ACE_HEADER>() };
        // Denials are left out, so the result may be too much. So are rights that only files below have.
        let is_denial = u32::from(header.AceType) == ACCESS_DENIED_ACE_TYPE;
        if is_denial || u32::from(header.AceFlags) & INHERIT_ONLY_ACE != 0 {
            continue;
        }
        if u32::from(header.AceType) != ACCESS_ALLOWED_ACE_TYPE {
            return 0o066;
        }
        let entry = entry.cast::<ACCESS_ALLOWED_ACE>();
        // SAFETY: an entry of this type (I4 private).
        let mask = unsafe { (*entry).Mask };
        // SAFETY: an entry of this type, whose last field is the beginning of a SID (I4 private).
        let who = unsafe { (&raw mut (*entry).SidStart).cast() };
        // SAFETY: that SID (I4 private).
        let who = unsafe { copied(who) };
        if who != *owner && !trusted.contains(&who) {
            mode |= if mask & READS != 0 { 0o044 } else { 0 } | if mask & WRITES != 0 { 0o022 } else { 0 };
        }
    }
    mode
}

/// The rights of a new file, directory or event.
pub(super) struct Attributes(Local);

// SAFETY: memory that nothing changes until it is freed (I4 private).
unsafe impl Send for Attributes {}
// SAFETY: memory that nothing changes until it is freed (I4 private).
unsafe impl Sync for Attributes {}

impl Attributes {
    /// The rights that a text describes (SDDL).
    pub(super) fn new(text: &str) -> Result<Self> {
        let mut descriptor = null_mut();
        let text = wide(text.as_ref());
        // SAFETY: a text with a zero at its end, and a local (I4 private).
        done(unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                text.as_ptr(),
                SDDL_REVISION_1,
                &raw mut descriptor,
                null_mut(),
            )
        })?;
        Ok(Attributes(Local(descriptor)))
    }

    /// The rights that permissions of Unix mean. All of the owner, the system and its administrators; and of all others
    /// those of the last three bits. A group has none.
    pub(super) fn of_mode(mode: u32, is_directory: bool) -> Result<Self> {
        let others = match mode & 0o006 {
            0 => "",
            4 => "(A;;FR;;;WD)",
            2 => "(A;;FW;;;WD)",
            _ => "(A;;FRFW;;;WD)",
        };
        let heirs = if is_directory { "OICI" } else { "" };
        let own = |who: &str| format!("(A;{heirs};FA;;;{who})");
        Self::new(&format!("D:P{}{}{}{others}", own(&name(effective_user())), own("SY"), own("BA")))
    }

    /// For a call that creates something. Valid as long as this lives.
    pub(super) fn get(&self) -> SECURITY_ATTRIBUTES {
        #[allow(clippy::cast_possible_truncation)] // a few words
        let len = size_of::<SECURITY_ATTRIBUTES>() as u32;
        SECURITY_ATTRIBUTES { nLength: len, lpSecurityDescriptor: self.0.0, bInheritHandle: 0 }
    }

    /// Gives a file these rights.
    pub(super) fn give(&self, file: RawHandle) -> Result<()> {
        let (mut has_list, mut list, mut is_default) = (0, null_mut(), 0);
        // SAFETY: the descriptor, which lives, and locals (I4 private).
        done(unsafe { GetSecurityDescriptorDacl(self.0.0, &raw mut has_list, &raw mut list, &raw mut is_default) })?;
        let given = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
        // SAFETY: an open handle, and a list of a descriptor that lives (I4 private).
        let code = unsafe { SetSecurityInfo(file, SE_FILE_OBJECT, given, null_mut(), null_mut(), list, null_mut()) };
        if code == 0 { Ok(()) } else { Err(error_of(code)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_one_number_and_a_name() {
        assert_eq!((name(ROOT), name(number(sid(5, &[18])))), ("S-1-5-18".to_owned(), "S-1-5-18".to_owned()));
        let administrators = number(sid(5, &[32, 544]));
        assert_eq!((name(administrators), number(sid(5, &[32, 544]))), ("S-1-5-32-544".to_owned(), administrators));
        assert!(name(effective_user()).starts_with("S-1-5-"), "{}", name(effective_user()));
    }
}
