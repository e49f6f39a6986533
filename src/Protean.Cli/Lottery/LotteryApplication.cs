using Protean.Client;
using Protean.Client.Proof;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Units.Contracts;
using Protean.Units;
using Protean.Units.Execution;
using Protean.Workflows;
using Protean.Workflows.Language;

namespace Protean.Cli.Lottery;

/// <summary>Where a lottery's randomness comes from.</summary>
internal enum LotteryVariant
{
    /// <summary>The randomness unit: examples/lottery.</summary>
    Randomness,

    /// <summary>The participants themselves, who commit to values that are opened together: examples/lottery-commitments.</summary>
    Commitments,
}

/// <summary>The lottery of examples/lottery, or its variant, with the token that it is paid in, as this program carries them, on one network.</summary>
internal sealed class LotteryApplication
{
    private readonly UnitEntry _execution;
    private readonly IReadOnlyDictionary<string, Bytes> _code;
    private readonly SortedDictionary<string, Workflow> _workflows = new(StringComparer.Ordinal);

    /// <param name="network">Contracts are named by the unit that holds them, so the workflows are too.</param>
    public LotteryApplication(Network network, LotteryVariant variant = LotteryVariant.Randomness)
    {
        _execution = network.Unit("execution");
        _code = new SortedDictionary<string, Bytes>(StringComparer.Ordinal) { ["lottery"] = Resource("lottery.wasm"), ["token"] = Resource("token.wasm") };
        // Coins move by the same workflows in both.
        Add("lottery.yaml");
        if (variant == LotteryVariant.Commitments) Add("lottery-commitments.yaml");
    }

    public Digest Token => IdOf("token");
    public Digest Lottery => IdOf("lottery");

    /// <summary>For a proof of a run that reaches both.</summary>
    public IReadOnlyList<ContractCode> Contracts => [.. _code.Values.Select(code => new ContractCode(_execution.UnitId, code))];

    /// <summary>Where a user's coins stand at the state unit.</summary>
    public Bytes BalanceKey(PublicKey user) => ContractKeys.Full(_execution.UnitId, Token, [.. "b/"u8, 1, .. user.Span]);

    /// <summary>All that a lottery has at the state unit.</summary>
    public Bytes LotteryPrefix(Instance instance) => ContractKeys.Full(_execution.UnitId, Lottery, [.. "i/"u8, .. instance.Id.Span]);

    /// <summary>A workflow's steps, by name.</summary>
    public IEnumerable<string> Steps(string workflow) => _workflows[workflow].Steps.Select(static step => step.Name);

    /// <summary>Publishes contracts and workflows; what is there already stays as it is.</summary>
    public async Task Publish(Session session, CancellationToken cancel)
    {
        await Task.WhenAll(_code.Values.Select(code => session.Publish(code, _execution, cancel)));
        await Task.WhenAll(_workflows.Values.Select(workflow => session.Publish(workflow, cancel: cancel)));
    }

    /// <summary>An instance that runs some of the workflows.</summary>
    /// <param name="parameters">In any order.</param>
    public Task<Instance> Create(Session session, string name, IReadOnlyList<string> workflows, IReadOnlyList<NamedValue> parameters, CancellationToken cancel)
    {
        const ulong Epochs = 64;
        var epoch = session.Network.Directory.CurrentEpoch;
        var terms = new Instance(
            default, default, default, name, 0, epoch, epoch + Epochs, [], [.. parameters.OrderBy(static parameter => parameter.Name, StringComparer.Ordinal)], []);
        return session.Create(terms, [.. _workflows.Values.Where(workflow => workflows.Contains(workflow.Name))], cancel: cancel);
    }

    private void Add(string file)
    {
        var reading = Application.Read(Resource(file).ToText(), file, Catalog.Published, contract => IdOf(contract.Name));
        var application = reading.Application ?? throw new InvalidOperationException(string.Join(Environment.NewLine, reading.Errors));
        foreach (var workflow in application.Workflows) _workflows[workflow.Name] = workflow;
    }

    private Digest IdOf(string contract) => PublishedContracts.IdOf(_execution.UnitId, _code[contract].Span);

    internal static Bytes Resource(string name)
    {
        using var stream = typeof(LotteryApplication).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"no resource {name}");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Bytes.Wrap(bytes);
    }
}
