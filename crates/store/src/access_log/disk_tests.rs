//! A disk that fails, and one that is full.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::tests::{ONE, check, entry, fill, open, options};
use super::*;

/// A log file whose disk can fail, or be full.
#[derive(Clone)]
struct Ill {
    file: Arc<File>,
    /// Bytes that the file may have; what the reserve gave up comes on top.
    room: Arc<AtomicU64>,
    reserve: std::path::PathBuf,
    fail_write: Arc<AtomicBool>,
    fail_flush: Arc<AtomicBool>,
}

impl Ill {
    fn open(folder: &Path, reserve_bytes: u64) -> (AccessLog, Self) {
        let mut ill = None;
        let options = AccessLogOptions { reserve_bytes, ..options() };
        let log = AccessLog::open_on(folder, &options, |file| {
            let made = Ill {
                file,
                room: Arc::new(AtomicU64::new(u64::MAX / 2)),
                reserve: folder.join("reserve"),
                fail_write: Arc::default(),
                fail_flush: Arc::default(),
            };
            Box::new(ill.insert(made).clone())
        });
        (log.unwrap(), ill.unwrap())
    }
}

impl Disk for Ill {
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        if self.fail_write.load(Ordering::Acquire) {
            return Err(io::Error::from_raw_os_error(5));
        }
        let given_up = (4 * 1024 * 1024u64).saturating_sub(self.reserve.metadata()?.len());
        let room = self.room.load(Ordering::Acquire) + given_up;
        if offset + bytes.len() as u64 > room {
            // As a disk does: what fits is written.
            self.file.write(&bytes[..room.saturating_sub(offset) as usize], offset)?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.file.write(bytes, offset)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.fail_flush.load(Ordering::Acquire) {
            Err(io::Error::from_raw_os_error(5))
        } else {
            self.file.flush()
        }
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.cut(length)
    }

    fn room(&self) -> io::Result<u64> {
        Ok(self.room.load(Ordering::Acquire)
            - self.file.metadata()?.len().min(self.room.load(Ordering::Acquire)))
    }
}

#[test]
fn after_a_failed_flush_or_write_every_call_is_an_error_until_the_log_is_opened_again() {
    for fail in
        [|ill: &Ill| &ill.fail_flush, |ill: &Ill| &ill.fail_write] as [fn(&Ill) -> &Arc<AtomicBool>; 2]
    {
        let folder = tempfile::tempdir().unwrap();
        let (log, ill) = Ill::open(folder.path(), 0);
        fill(&log, ONE, 20, 3);
        fail(&ill).store(true, Ordering::Release);
        assert_eq!(log.append(ONE, vec![entry(ONE, 20)]).wait(), Err(StoreError::Poisoned));
        fail(&ill).store(false, Ordering::Release);
        assert_eq!(log.append(ONE, vec![entry(ONE, 20)]).wait(), Err(StoreError::Poisoned));
        assert_eq!(log.size(ONE), Err(StoreError::Poisoned));
        assert_eq!(log.verify(), Err(StoreError::Poisoned));
        assert!(matches!(log.entries(ONE, 0, 1), Err(StoreError::Poisoned)));
        drop(log);
        let log = open(folder.path());
        let size = log.size(ONE).unwrap();
        assert!((20..=21).contains(&size), "what was acknowledged is there, what was not may be");
        check(&log, ONE, size);
    }
}

#[test]
fn a_full_disk_is_served_from_the_reserve_and_then_refused_and_both_end_with_new_room() {
    let folder = tempfile::tempdir().unwrap();
    let (log, ill) = Ill::open(folder.path(), 4 * 1024 * 1024);
    let large = |i| AccessEntry { leaf: entry(ONE, i).leaf, side: vec![1; 60_000] };
    fill(&log, ONE, 5, 1);
    ill.room.store(folder.path().join("1/log").metadata().unwrap().len() + 100_000, Ordering::Release);
    let mut taken = 5;
    let refused = loop {
        match log.append(ONE, vec![large(taken)]).wait() {
            Ok(index) => assert_eq!(index, taken),
            Err(error) => break error,
        }
        taken += 1;
    };
    assert_eq!(refused, StoreError::DiskFull);
    assert!(taken > 60, "the reserve took {taken} entries of 60 kB");
    assert_eq!(log.reserve_left(), 0);
    assert_eq!(log.append(ONE, vec![large(taken)]).wait(), Err(StoreError::DiskFull));
    assert_eq!(log.verify().unwrap().entries, taken, "reading goes on, and nothing half is there");

    ill.room.store(u64::MAX / 2, Ordering::Release);
    assert_eq!(log.append(ONE, vec![large(taken)]).wait(), Ok(taken));
    while log.reserve_left() < 4 * 1024 * 1024 {
        std::thread::sleep(Duration::from_millis(20));
        log.append(ONE, vec![large(0)]).wait().unwrap();
    }
}
