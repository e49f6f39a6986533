using System.Runtime.CompilerServices;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Tests.Tidy;
using Protean.Workflows;
using Protean.Workflows.Language;
using Xunit;
using Barrier = Protean.Workflows.Barrier;

namespace Protean.Tests.Workflows;

// Of each rule a file that breaks it: readers list every broken rule, so a rule left out would be missed there.
[LeavesOut(typeof(WorkflowRules), nameof(WorkflowRules.Rules))]
public sealed class LanguageTests
{
    [Fact]
    public void The_lottery_is_expressible()
    {
        var reading = Application.Read(LotteryFile.Text, "lottery.yaml", TestNetwork.Published);
        Assert.Empty(reading.Errors.Select(error => error.ToString()));
        Assert.Equal(["transfer", "join", "reveal", "refund"], reading.Application!.Workflows.Select(workflow => workflow.Name));
    }

    [Fact]
    public void Dependencies_follow_from_bindings()
    {
        var reveal = TestNetwork.Lottery.Workflows.Single(workflow => workflow.Name == "reveal");
        Assert.Equal([[], [0], [1]], reveal.Steps.Select(step => step.Dependencies.Select(index => (int)index).ToArray()));
        Assert.Equal(Scope.Instance, reveal.Steps[0].Scope);
        Assert.Equal(new Barrier.AfterTime(2, new Bound.Parameter("endOfSale")), reveal.Steps[0].Barrier);
        Assert.Equal("state", reveal.Units[2].Class);
    }

    [Fact]
    public void A_workflow_lists_only_the_parameters_it_uses()
    {
        Assert.Empty(TestNetwork.Lottery.Workflows[0].Parameters);
        Assert.Equal(["endOfSale", "price"], TestNetwork.Lottery.Workflows[1].Parameters.Select(parameter => parameter.Name));
    }

    [Fact]
    public void The_same_file_always_gives_the_same_code_hash() =>
        Assert.Equal(Lottery().Workflows.Select(workflow => workflow.CodeHash), Lottery().Workflows.Select(workflow => workflow.CodeHash));

    [Fact]
    public void Barriers_failures_keys_and_other_implementations_are_expressible()
    {
        var workflow = Read("""
            client: {seed: {type: bytes, max: 32}}
            steps:
              - id: first
                run: execution#1.call
                auth: {keys: {atLeast: 2, of: ["${creator}", "${params.admin}", "0000000000000000000000000000000000000000000000000000000000000001"]}}
                scope: plan
                with: {contract: "${contracts.c}", method: m, argument: [{u64: 7}, {hex: "00ff"}, {beacon: 3}, {state: "a/${instance}", on: state#1}, "${client.seed}"]}
                when:
                  any:
                    - after: {height: 10, on: state}
                    - {after: 2026-01-31T12:00:00Z, beacon: {round: 4}}
              - id: mend
                run: execution.call
                onFailureOf: first
                with: {contract: "${contracts.c}", method: undo}
              - id: last
                run: state.commit
                after: [first]
                scope: client
            """).Workflows[0];
        Assert.Equal(1u, workflow.Units[workflow.Steps[0].Unit].Ordinal);
        Assert.Equal((ushort)1, workflow.Steps[0].OnFailure);
        Assert.Equal([0], workflow.Steps[2].Dependencies.Select(index => (int)index));
        Assert.IsType<Barrier.Or>(workflow.Steps[0].Barrier);
        Assert.IsType<Authorization.Keys>(workflow.Steps[0].Authorization);
    }

    [Theory]
    [InlineData("name: [", "PRT-WFL-0002", 2)]
    [InlineData("", "PRT-WFL-0003", 1)]
    [InlineData("name: a\nworkflows: &x {}", "PRT-WFL-0005", 2)]
    [InlineData("name: a\nname: b", "PRT-WFL-0007", 2)]
    [InlineData("[a]", "PRT-WFL-0010", 1)]
    [InlineData("name: a\nworkflow: {}", "PRT-WFL-0011", 2)]
    [InlineData("name: a", "PRT-WFL-0012", 1)]
    [InlineData("name: a b\nworkflows: {}", "PRT-WFL-0013", 1)]
    [InlineData("name: a\nparams: {p: u32}\nworkflows: {}", "PRT-WFL-0013", 2)]
    [InlineData("[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]", "PRT-WFL-0004", 1)]
    [InlineData("[a]: b", "PRT-WFL-0006", 1)]
    public void A_file_of_the_wrong_form_is_refused_with_its_place(string text, string code, int line)
    {
        var errors = Application.Read(text, "a.yaml", TestNetwork.Published).Errors;
        Assert.Contains(errors, error => error.Refusal.Code == code && error.Place.Line == line);
    }

    [Theory]
    [InlineData("run: execution.call", "run: exekution.call", "PRT-CMP-0001", "execution")]
    [InlineData("run: execution.call", "run: execution.cal", "PRT-CMP-0002", "call")]
    [InlineData("method: m", "methods: m", "PRT-CMP-0003", "method")]
    [InlineData("method: m", "argument: []", "PRT-CMP-0004", "one")]
    [InlineData("method: m", "method: ${params.admin}", "PRT-CMP-0005", "text")]
    [InlineData("steps.one.effects", "steps.one.effect", "PRT-CMP-0006", "effects")]
    [InlineData("contract: ${contracts.c}", "contract: ${contracts.d}", "PRT-WFL-0024", "c")]
    [InlineData("contract: ${contracts.c}", "contract: abc", "PRT-WFL-0026", "digest")]
    [InlineData("method: m", "method: ${client.x}", "PRT-WFL-0022", "seed")]
    [InlineData("method: m", "method: ${params.amin}", "PRT-WFL-0021", "admin")]
    [InlineData("method: m", "method: ${step.one.output}", "PRT-WFL-0025", "steps")]
    [InlineData("method: m", "method: a${params.admin}", "PRT-WFL-0034", "${params.name}")]
    [InlineData("method: m", "argument: 42\n        method: m", "PRT-WFL-0027", "u64")]
    [InlineData("steps.one.effects", "steps.two.effects", "PRT-WFL-0023", "one")]
    [InlineData("id: two", "id: one", "PRT-WFL-0028", "own")]
    [InlineData("auth: client", "when: {before: 18446744073709551616}", "PRT-WFL-0035", "0 to")]
    [InlineData("auth: client", "auth: {keys: {atLeast: 2, of: [\"${creator}\"]}}", "PRT-WFL-0036", "1 to 1")]
    [InlineData("auth: client", "when: {after: {on: state}}", "PRT-WFL-0014", "time, height")]
    [InlineData("auth: client", "when: {all: []}", "PRT-WFL-0031", "condition")]
    [InlineData("auth: client", "with: {effects: \"${steps.one.effects}\", effect: 1}", "PRT-WFL-0007", "once")]
    [InlineData("auth: client", "when: {after: {height: \"${params.admin}\", on: state}}", "PRT-CMP-0007", "u64")]
    [InlineData("auth: client", "when: {beacon: {round: 1, on: state}}", "PRT-CMP-0008", "randomness")]
    [InlineData("auth: client", "onFailureOf: one", "PRT-CMP-0009", "failed")]
    [InlineData("auth: client", "when: {before: {time: 5, on: execution}}", "PRT-CMP-0015", "state")]
    [InlineData("auth: client", "scope: client\n      auth: anyone", "PRT-CMP-0017", "client")]
    [InlineData("auth: client", "auth: {unit: state}", "PRT-CMP-0018", "drive")]
    [InlineData("auth: client", "scope: instance", "PRT-CMP-0012", "instance")]
    public void What_means_nothing_or_breaks_a_rule_is_refused_with_its_place_and_what_was_meant(string find, string replace, string code,
        string expected)
    {
        const string Text = """
            name: a
            contracts: {c: c.wasm}
            params: {admin: key}
            workflows:
              w:
                client: {seed: bytes}
                steps:
                - id: one
                  run: execution.call
                  with:
                    contract: ${contracts.c}
                    method: m
                - id: two
                  run: state.commit
                  with: {effects: "${steps.one.effects}"}
                  auth: client
            """;
        Assert.Empty(Application.Read(Text, "a.yaml", TestNetwork.Published).Errors);
        Assert.Contains(find, Text, StringComparison.Ordinal);
        var text = Text.Replace(find, replace, StringComparison.Ordinal);
        var errors = Application.Read(text, "a.yaml", TestNetwork.Published).Errors;
        var error = Assert.Single(errors, error => error.Refusal.Code == code);
        Assert.Contains(expected, error.Refusal.Expected, StringComparison.Ordinal);
        var line = text.Split('\n')[error.Place.Line - 1];
        Assert.InRange(error.Place.Line, 7, 18);
        Assert.InRange(error.Place.Column, 1, line.Length + 1);
        Assert.StartsWith($"a.yaml:{error.Place.Line}:", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scope: instance", "scope: plan", "PRT-CMP-0010")]
    [InlineData("about: {prefix: t/}", "about: {prefix: t/, on: state#1}", "PRT-CMP-0013")]
    [InlineData("draw", "mix", "PRT-CMP-0011")]
    [InlineData("onFailureOf: none", "onFailureOf: draw", "PRT-CMP-0016")]
    [InlineData("auth: client", "auth: anyone", "PRT-CMP-0014")]
    public void Once_only_operations_stay_once_only(string find, string replace, string code)
    {
        const string Text = """
            name: a
            workflows:
              w:
                client: {seed: bytes, rounds: u64}
                steps:
                - id: draw
                  run: randomness.draw
                  scope: instance
                  auth: anyone
                  with: {about: {prefix: t/}}
                  when: {after: {time: 5, on: state}}
                - id: mix
                  run: randomness.mix
                  auth: client
                  with: {seed: "${client.seed}", rounds: "${client.rounds}"}
            """;
        var text = find switch
        {
            "draw" => Text.Replace("auth: client", "auth: client\n      scope: instance", StringComparison.Ordinal),
            "onFailureOf: none" => Text + "\n      onFailureOf: draw",
            _ => Text.Replace(find, replace, StringComparison.Ordinal),
        };
        Assert.Empty(Application.Read(Text, "a.yaml", TestNetwork.Published).Errors);
        Assert.Equal([code], Application.Read(text, "a.yaml", TestNetwork.Published).Errors.Select(error => error.Refusal.Code));
    }

    [Fact]
    public void The_published_schema_is_the_readers() =>
        Assert.Equal(JsonSchema.Text(), File.ReadAllText(Path.Combine(Root(), "docs", "workflow.schema.json")));

    [Fact]
    public void Every_workflow_file_of_the_examples_is_read_without_errors()
    {
        var folder = Path.Combine(Root(), "examples");
        var files = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.yaml", SearchOption.AllDirectories).Where(file =>
            !file.Contains("node_modules", StringComparison.Ordinal)) : [];
        foreach (var file in files)
            Assert.DoesNotContain(Application.Read(File.ReadAllText(file), file, TestNetwork.Published).Errors, error =>
                error.Refusal.Code.StartsWith("PRT-WFL", StringComparison.Ordinal));
    }

    private static Application Lottery() => Application.Read(LotteryFile.Text, "lottery.yaml", TestNetwork.Published, contract =>
        Hash.H("contract", Bytes.Of(contract.Name).Span)).Application!;

    private static Application Read(string workflow)
    {
        var text = "name: a\ncontracts: {c: c.wasm}\nparams: {admin: key}\nworkflows:\n  w:\n" + string.Join('\n',
            workflow.Split('\n').Select(line => "    " + line));
        var reading = Application.Read(text, "a.yaml", TestNetwork.Published);
        Assert.Empty(reading.Errors.Select(error => error.ToString()));
        return reading.Application!;
    }

    private static string Root([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}
