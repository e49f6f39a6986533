namespace Protean.Tests.Workflows;

/// <summary>The first application, as its author writes it.</summary>
internal static class LotteryFile
{
    public const string Text = """
        name: lottery
        contracts:
          token: token.wasm
          lottery: lottery.wasm
        params:
          price: u64
          endOfSale: time
          finalDeadline: time
        workflows:
          transfer:
            client:
              to: key
              amount: u64
            steps:
              - id: pay
                run: execution.call
                with:
                  contract: ${contracts.token}
                  method: transfer
                  argument: ["${client.to}", "${client.amount}"]
              - id: commit
                run: state.commit
                with:
                  effects: ${steps.pay.effects}
          join:
            steps:
              - id: pay
                run: execution.call
                with:
                  contract: ${contracts.token}
                  method: transferAndCall
                  argument:
                    - ${contracts.lottery}
                    - ${params.price}
                    - text: join
              - id: commit
                run: state.commit
                with:
                  effects: ${steps.pay.effects}
                when:
                  before: ${params.endOfSale}
          reveal:
            steps:
              - id: draw
                run: randomness.draw
                auth: anyone
                scope: instance
                with:
                  about:
                    prefix: tickets/${instance}/
                    contract: lottery
                when:
                  after:
                    time: ${params.endOfSale}
                    on: state
              - id: pick
                run: execution.call
                auth: anyone
                with:
                  contract: ${contracts.lottery}
                  method: finish
                  argument: ${steps.draw.value}
              - id: commit
                run: state.commit
                auth: anyone
                with:
                  effects: ${steps.pick.effects}
                when:
                  before: ${params.finalDeadline}
          refund:
            steps:
              - id: repay
                run: execution.call
                auth: anyone
                with:
                  contract: ${contracts.lottery}
                  method: refund
                when:
                  after:
                    time: ${params.finalDeadline}
                    on: state
              - id: commit
                run: state.commit
                auth: anyone
                with:
                  effects: ${steps.repay.effects}
        """;
}
