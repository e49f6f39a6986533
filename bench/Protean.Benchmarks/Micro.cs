using System.Diagnostics;
using System.Globalization;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.State;

namespace Protean.Benchmarks;

/// <summary>Figures of parts, on one core.</summary>
internal static class Micro
{
    private const int Members = 4, Threshold = 2, Changes = 1_000;

    public static async Task Print(Machine machine, bool quick)
    {
        var rounds = quick ? 50 : 500;
        void Tell(string what, TimeSpan time, int rate = 0) => Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-30}{Readable(time),12}{machine.InVerifications(time),12:0.0} verifications{(rate == 0 ? "" : $"   {rate / time.TotalSeconds:0}/s")}"));
        Tell("DLEQ verification", OfDleq(rounds));
        Tell("dealing verified", OfDealing(rounds));
        Tell($"{Changes} changes", OfChanges(quick ? 2 : 10), Changes);
        await Figures.OnNetwork(async running =>
        {
            using var join = await Join.Buy(running);
            Tell("admission of a join", join.Admission(rounds, sealsKnown: true));
            Tell("admission of a join, new seals", join.Admission(rounds, sealsKnown: false));
            Tell("a contract call", join.ContractCall(rounds));
        });
    }

    private static TimeSpan OfDleq(int rounds)
    {
        using var secret = SecretScalar.Random(SystemRandom.Instance);
        var other = Point.MultiplyBase(Scalar.Random(SystemRandom.Instance));
        var statement = new DleqStatement("protean/bench/v1", ReadOnlyMemory<byte>.Empty, Point.Base, secret.MultiplyBase(), other, secret.Multiply(other));
        var proof = Dleq.Prove(statement, secret, SystemRandom.Instance);
        return Time(rounds, () => _ = Dleq.Refusal(statement, proof));
    }

    /// <summary>One member's dealing for a committee of four.</summary>
    private static TimeSpan OfDealing(int rounds)
    {
        Point[] keys = [.. Enumerable.Range(0, Members).Select(static _ => Point.MultiplyBase(Scalar.Random(SystemRandom.Instance)))];
        var session = new DkgSession(Hash.H("protean/bench/v1", []), Threshold, keys);
        var dealing = Dealing.Deal(session, 1, SystemRandom.Instance);
        return Time(rounds, () => _ = VerifiedDealing.TryVerify(session, dealing, out _));
    }

    /// <summary>One height of a map that grows: new keys of 100-byte values, hashed and put into a batch.</summary>
    private static TimeSpan OfChanges(int rounds)
    {
        var store = new MemoryStore();
        var map = new StateMap(store, "bench");
        var value = Bytes.Wrap(new byte[100]);
        var height = 0UL;
        return Time(rounds, () =>
        {
            var edit = map.Edit();
            for (var i = 0; i < Changes; i++) edit.Put(new MapEntry(Bytes.Wrap(Guid.NewGuid().ToByteArray()), height, Bytes.Empty, value));
            var batch = new StoreBatch();
            map.Commit(++height, edit, batch);
            store.Write(batch);
        });
    }

    private sealed class MemoryStore : IStore
    {
        private readonly SortedDictionary<Bytes, byte[]> _pairs = [];

        public byte[]? Get(ReadOnlySpan<byte> key) => _pairs.GetValueOrDefault(new Bytes(key));

        public IEnumerable<(Bytes Key, Bytes Value)> Scan(Bytes prefix, Bytes from = default) =>
            [.. _pairs.Where(pair => pair.Key >= from && pair.Key.Span.StartsWith(prefix.Span)).Select(static pair => (pair.Key, Bytes.Wrap(pair.Value)))];

        public void Write(StoreBatch batch)
        {
            foreach (var (key, written) in batch.Changes)
                if (written is null) _pairs.Remove(key);
                else _pairs[key] = written;
        }
    }

    /// <summary>The best of five runs: what disturbs a run only ever makes it longer.</summary>
    public static TimeSpan Time(int rounds, Action work)
    {
        for (var i = 0; i < rounds / 10; i++) work();
        var best = TimeSpan.MaxValue;
        for (var run = 0; run < 5; run++)
        {
            var begun = Stopwatch.GetTimestamp();
            for (var i = 0; i < rounds; i++) work();
            var took = Stopwatch.GetElapsedTime(begun) / rounds;
            if (took < best) best = took;
        }
        return best;
    }

    public static string Readable(TimeSpan time) => time.TotalSeconds switch
    {
        >= 1 => time.TotalSeconds.ToString(@"0.00\ \s", CultureInfo.InvariantCulture),
        >= 0.001 => time.TotalMilliseconds.ToString(@"0.00\ \m\s", CultureInfo.InvariantCulture),
        _ => time.TotalMicroseconds.ToString(@"0.0\ \u\s", CultureInfo.InvariantCulture),
    };
}
