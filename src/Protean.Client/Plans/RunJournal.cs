using Protean.Codec;
using Protean.Membership;
using Protean.Runtime;
using Protean.Workflows;

namespace Protean.Client.Plans;

/// <summary>Everything that it takes to continue a run: plan, inputs, requests on their way, results so far. Written whole, and durably,
/// after each change. Not for several runs at once.</summary>
/// <remarks>A request is kept before it is sent: a run that is resumed sends the same bytes again, so that the results it gets are those of
/// the requests it can show. Holds no secret; who resumes the run needs the user's key.</remarks>
public sealed class RunJournal
{
    private const byte Version = 1;

    private static readonly Bytes Magic = Bytes.Of("PROTEAN-RUN\0");

    private readonly string? _path;
    private readonly Lock _lock = new();
    private readonly List<Request.Planned> _sent = [];
    private readonly List<StepOutcome> _outcomes = [];
    private SealedPlan? _plan;
    private IReadOnlyList<NamedValue> _inputs = [];

    private RunJournal(string? path) => _path = path;

    public SealedPlan Plan => _plan ?? throw new InvalidOperationException("no run was begun");

    /// <summary>In order of name.</summary>
    public IReadOnlyList<NamedValue> Inputs => _inputs;

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyList<StepOutcome> Outcomes
    {
        get
        {
            lock (_lock) return [.. _outcomes];
        }
    }

    public static RunJournal InMemory() => new(null);

    /// <summary>For a new run; the file is written when the run begins.</summary>
    /// <exception cref="IOException">There is such a file: it may be of a run that is not complete.</exception>
    public static RunJournal Create(string path) => File.Exists(path) ? throw new IOException($"{path} exists already")
        : new RunJournal(path);

    /// <exception cref="RefusedException">PRT-CLI-0007: not a journal.</exception>
    public static RunJournal Load(string path)
    {
        try
        {
            var journal = new RunJournal(path);
            journal.Read(File.ReadAllBytes(path));
            return journal;
        }
        catch (MalformedException malformed)
        {
            throw new RefusedException(ClientRefusals.BadJournal(path, malformed.Message));
        }
    }

    /// <summary>The journal as bytes, to be carried to another machine.</summary>
    public byte[] ToBytes()
    {
        lock (_lock)
            return new Encoder().Raw(Magic.Span).U8(Version).Value(Plan).List(_inputs)
                .List(_sent, static (to, sent) => to.Value<Request>(sent)).List(_outcomes).ToArray();
    }

    /// <summary>The request on its way for a step's attempt; null where none was sent.</summary>
    public Request.Planned? Sent(ushort step, ushort attempt)
    {
        lock (_lock) return _sent.Find(sent => sent.StepIndex == step && sent.Attempt == attempt);
    }

    internal RunJournal Start(SealedPlan plan, IReadOnlyList<NamedValue> inputs)
    {
        if (_plan is not null) throw new InvalidOperationException("the journal is another run's");
        (_plan, _inputs) = (plan, [.. inputs.OrderBy(static input => input.Name, StringComparer.Ordinal)]);
        Save();
        return this;
    }

    internal void Sending(Request.Planned request)
    {
        lock (_lock)
        {
            Forget(request);
            _sent.Add(request);
            Save();
        }
    }

    internal void Ended(StepOutcome outcome)
    {
        lock (_lock)
        {
            Forget(outcome.Request);
            _outcomes.Add(outcome);
            Save();
        }
    }

    private void Forget(Request.Planned request) =>
        _sent.RemoveAll(sent => sent.StepIndex == request.StepIndex && sent.Attempt == request.Attempt);

    private void Read(byte[] bytes)
    {
        var from = new Decoder(bytes);
        if (!from.Raw(Magic.Length).SequenceEqual(Magic.Span)) throw new MalformedException("the first bytes are another file's");
        if (from.U8() is var version and not Version) throw new MalformedException($"journal version {version}, {Version} expected");
        (_plan, _inputs) = (from.Value<SealedPlan>(), from.List<NamedValue>(Limits.MaxFields));
        _sent.AddRange(from.List(Limits.MaxSteps, static (ref Decoder d) =>
            Request.Decode(ref d) as Request.Planned ?? throw new MalformedException("a step's request that is direct")));
        _outcomes.AddRange(from.List<StepOutcome>(Limits.MaxSteps * RunState.MaxAttempts));
        from.End();
    }

    // Written beside, then moved into place: a crash leaves the old journal or the new one.
    private void Save()
    {
        if (_path is null) return;
        var beside = _path + ".new";
        using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write))
        {
            file.Write(ToBytes());
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, _path, overwrite: true);
    }
}
